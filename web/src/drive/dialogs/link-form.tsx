import type { NewShareLink, NodeKind, ShareLink, ShareRight } from "@bouquet/contract/drive.ts";
import { type FormEvent, useState } from "react";
import { request } from "../../api/http.ts";
import { useSession } from "../../api/session.ts";
import { clockAt } from "../../i18n/clock.ts";
import { useDriveText } from "../../i18n/drive.ts";
import { useDriveSharingText } from "../../i18n/drive-sharing.ts";
import { Button } from "../../ui/button.tsx";
import { Note } from "../../ui/feedback.tsx";
import { Checkbox, PasswordField, TextAreaField, TextField } from "../../ui/field.tsx";
import { Select } from "../../ui/select.tsx";
import { toast } from "../../ui/toast.tsx";
import { clockOfEnd, endAt, later } from "../sharing/end-clock.ts";
import { EndField } from "../sharing/end-field.tsx";
import { type LinkLevel, linkLevelOf, linkLevelsWithin, settingsOfLinkLevel } from "../sharing/levels.ts";
import { useSharingProblem } from "../sharing/sharing-problem.ts";
import { suggestPassword } from "../sharing/suggest-password.ts";
import { useNodeActions } from "../use-node-actions.ts";

interface Props {
  readonly node: { readonly id: string; readonly kind: NodeKind };
  /** Null for a new one. */
  readonly link: ShareLink | null;
  readonly mayGive: readonly ShareRight[];
  readonly onDone: (link: ShareLink) => void;
  readonly onCancel: () => void;
}

interface Mistakes {
  day?: string;
  password?: string;
  limit?: string;
  recipient?: string;
  form?: string;
}

/** For whom, what it allows, until when, and with which password. A new link ends in a month unless another day is chosen. */
export function LinkForm({ node, link, mayGive, onDone, onCancel }: Props) {
  const t = useDriveText();
  const sharing = useDriveSharingText();
  const explain = useSharingProblem();
  const { refresh } = useNodeActions();
  const { timeZone } = useSession();
  const [label, setLabel] = useState(link?.label ?? "");
  const [level, setLevel] = useState<LinkLevel>(link ? linkLevelOf(link) : "view");
  const [before] = useState(() => clockOfEnd(link?.expiresAt ?? null, timeZone));
  const [end, setEnd] = useState(() =>
    link ? before : { day: later(clockAt(new Date(), timeZone).day, { months: 1 }), time: "" },
  );
  const [wantsPassword, setWantsPassword] = useState(link?.hasPassword ?? false);
  const [password, setPassword] = useState("");
  const [isSuggested, setSuggested] = useState(false);
  const [note, setNote] = useState(link?.note ?? "");
  const [recipient, setRecipient] = useState(link?.recipient ?? "");
  const [limit, setLimit] = useState(link?.downloadLimit == null ? "" : String(link.downloadLimit));
  const Field = isSuggested ? TextField : PasswordField;
  const [mistakes, setMistakes] = useState<Mistakes>({});
  const [isPending, setPending] = useState(false);
  const keepsPassword = link?.hasPassword === true && wantsPassword && password === "";
  const levels = linkLevelsWithin(node.kind, mayGive);
  const choices = levels.includes(level) ? levels : [...levels, level];

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isPending) return;
    const expiresAt = endAt(end, timeZone);
    // An end that is past is not refused while it is not what is being changed.
    const isSameEnd = link?.expiresAt != null && before.day === end.day && before.time === end.time;
    const address = recipient.trim();
    const found: Mistakes = {
      ...(expiresAt !== null && !isSameEnd && new Date(expiresAt) <= new Date() && { day: t.expiryPast }),
      ...(wantsPassword && !keepsPassword && [...password].length < 8 && { password: t.passwordShort }),
      ...(limit.trim() !== "" && !/^[1-9]\d{0,5}$/.test(limit.trim()) && { limit: sharing.limitWrong }),
      ...(address !== "" && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address) && { recipient: sharing.recipientWrong }),
    };
    setMistakes(found);
    if (Object.keys(found).length > 0) return;
    const isSameLevel = link !== null && linkLevelOf(link) === level;
    const body: NewShareLink = {
      label: label.trim() === "" ? null : label.trim(),
      note: note.trim() === "" ? null : note.trim(),
      recipient: address === "" ? null : address,
      downloadLimit: limit.trim() === "" ? null : Number(limit),
      ...(!isSameLevel && settingsOfLinkLevel(level, node.kind)),
      ...(!isSameEnd && { expiresAt }),
      ...(!keepsPassword && { password: wantsPassword ? password : null }),
    };
    setPending(true);
    try {
      const done = link
        ? await request<ShareLink>(`/api/drive/links/${link.id}`, { method: "PATCH", body })
        : await request<ShareLink>(`/api/drive/nodes/${node.id}/links`, { method: "POST", body });
      toast(link ? t.linkSaved : t.linkCreated);
      await refresh();
      onDone(done);
    } catch (error) {
      setMistakes({ form: explain(error) });
      setPending(false);
    }
  };

  const hasMore = note !== "" || recipient !== "" || limit !== "";
  return (
    <form className="link-form" onSubmit={submit} noValidate>
      <TextField label={t.label} hint={t.labelHint} value={label} onChange={setLabel} maxLength={200} />
      <Select
        label={sharing.linkLevel}
        value={level}
        onChange={setLevel}
        choices={choices.map((id) => ({ id, label: sharing.linkLevels[id] }))}
        hint={sharing.linkLevelTexts[level]}
      />
      <EndField label={t.expiry} value={end} onChange={setEnd} hint={t.expiryHint} error={mistakes.day} />
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
      <details className="link-more" open={hasMore || undefined}>
        <summary>{sharing.moreOptions}</summary>
        <div className="link-form">
          <TextAreaField label={sharing.note} rows={2} value={note} onChange={setNote} maxLength={2_000} />
          <TextField
            label={sharing.recipient}
            type="email"
            value={recipient}
            onChange={setRecipient}
            error={mistakes.recipient}
            hint={sharing.recipientHint}
            maxLength={320}
          />
          {level !== "request" && (
            <TextField
              label={sharing.limit}
              inputMode="numeric"
              value={limit}
              onChange={setLimit}
              error={mistakes.limit}
              hint={sharing.limitHint}
            />
          )}
        </div>
      </details>
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
