import type { NewShareLink, ShareLink } from "@bouquet/contract/drive.ts";
import { type FormEvent, useState } from "react";
import { request } from "../../api/http.ts";
import { useDriveText } from "../../i18n/drive.ts";
import { Button } from "../../ui/button.tsx";
import { Note } from "../../ui/feedback.tsx";
import { Checkbox, PasswordField, TextField } from "../../ui/field.tsx";
import { toast } from "../../ui/toast.tsx";
import { useDriveErrorText } from "../drive-error-text.ts";
import { useNodeActions } from "../use-node-actions.ts";
import { dayOf, endOfDay, later, suggestPassword } from "./link-settings.ts";

interface Props {
  readonly nodeId: string;
  /** Null for a new one. */
  readonly link: ShareLink | null;
  readonly onDone: (link: ShareLink) => void;
  readonly onCancel: () => void;
}

/** For whom, until when, and with which password. A new link ends in a month unless another day is chosen. */
export function LinkForm({ nodeId, link, onDone, onCancel }: Props) {
  const t = useDriveText();
  const errorText = useDriveErrorText();
  const { refresh } = useNodeActions();
  const today = new Date();
  const [label, setLabel] = useState(link?.label ?? "");
  const [day, setDay] = useState(link ? (link.expiresAt ? dayOf(link.expiresAt) : "") : later(today, { months: 1 }));
  const [wantsPassword, setWantsPassword] = useState(link?.hasPassword ?? false);
  const [password, setPassword] = useState("");
  const [isSuggested, setSuggested] = useState(false);
  const Field = isSuggested ? TextField : PasswordField;
  const [mistakes, setMistakes] = useState<{ day?: string; password?: string; form?: string }>({});
  const [isPending, setPending] = useState(false);
  const keepsPassword = link?.hasPassword === true && wantsPassword && password === "";

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isPending) return;
    const expiresAt = endOfDay(day);
    // An end that is past is not refused while it is not what is being changed.
    const isSameDay = link?.expiresAt != null && dayOf(link.expiresAt) === day;
    const found = {
      ...(expiresAt !== null && !isSameDay && new Date(expiresAt) <= new Date() && { day: t.expiryPast }),
      ...(wantsPassword && !keepsPassword && [...password].length < 8 && { password: t.passwordShort }),
    };
    setMistakes(found);
    if (Object.keys(found).length > 0) return;
    const body: NewShareLink = {
      label: label.trim() === "" ? null : label.trim(),
      ...(!isSameDay && { expiresAt }),
      ...(!keepsPassword && { password: wantsPassword ? password : null }),
    };
    setPending(true);
    try {
      const done = link
        ? await request<ShareLink>(`/api/drive/links/${link.id}`, { method: "PATCH", body })
        : await request<ShareLink>(`/api/drive/nodes/${nodeId}/links`, { method: "POST", body });
      toast(link ? t.linkSaved : t.linkCreated);
      await refresh();
      onDone(done);
    } catch (error) {
      setMistakes({ form: errorText(error) });
      setPending(false);
    }
  };

  const steps = [
    [t.week, { days: 7 }],
    [t.month, { months: 1 }],
    [t.quarter, { months: 3 }],
  ] as const;
  return (
    <form className="link-form" onSubmit={submit} noValidate>
      <TextField label={t.label} hint={t.labelHint} value={label} onChange={setLabel} maxLength={200} />
      <div className="stack">
        <TextField
          label={t.expiry}
          type="date"
          value={day}
          onChange={setDay}
          error={mistakes.day}
          hint={day === "" ? t.expiryHint : undefined}
        />
        <div className="row wrap-row">
          {steps.map(([name, step]) => (
            <Button key={name} size="sm" onPress={() => setDay(later(today, step))}>
              {name}
            </Button>
          ))}
          <Button size="sm" variant="ghost" onPress={() => setDay("")}>
            {t.expiryNone}
          </Button>
        </div>
      </div>
      <Checkbox isSelected={wantsPassword} onChange={setWantsPassword}>
        {t.withPassword}
      </Checkbox>
      {wantsPassword && (
        <div className="stack">
          {/* One that was suggested has to be read to be told. */}
          <Field
            label={t.password}
            value={password}
            onChange={setPassword}
            error={mistakes.password}
            hint={link?.hasPassword ? t.passwordKeep : t.passwordHint}
            autoComplete={isSuggested ? "off" : "new-password"}
          />
          <div>
            <Button
              size="sm"
              onPress={() => {
                setPassword(suggestPassword());
                setSuggested(true);
              }}
            >
              {t.passwordGenerate}
            </Button>
          </div>
        </div>
      )}
      {mistakes.form && (
        <Note tone="danger" isLive>
          {mistakes.form}
        </Note>
      )}
      <div className="acts">
        <Button onPress={onCancel}>{t.cancel}</Button>
        <Button variant="primary" type="submit" isPending={isPending}>
          {link ? t.saveLink : t.createLink}
        </Button>
      </div>
    </form>
  );
}
