import type { AppPasswordCreated, AppPasswordRequest, AppPasswordScope } from "@bouquet/contract/identity.ts";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { useErrorText } from "../api/error-text.ts";
import { request } from "../api/http.ts";
import { usePortalText } from "../i18n/portal.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Note } from "../ui/feedback.tsx";
import { Checkbox, TextField } from "../ui/field.tsx";
import { ClientSettingsFacts } from "./client-settings.tsx";
import { CopyButton } from "./copy-button.tsx";
import { useScopeWords } from "./scope-words.ts";

const allScopes: readonly AppPasswordScope[] = ["imap", "smtp", "dav"];

/** Two steps: name and use, then the secret, shown once, beside the settings to type with it. */
export function CreateAppPassword({ onClose, onCreated }: { onClose: () => void; onCreated: () => void }) {
  const t = usePortalText();
  const create = useMutation({
    mutationFn: (body: AppPasswordRequest) =>
      request<AppPasswordCreated>("/api/app-passwords", { method: "POST", body }),
    onSuccess: onCreated,
  });
  if (create.data) {
    return (
      <Dialog
        isOpen
        isWide
        isDismissable={false}
        onClose={onClose}
        title={t.createdTitle}
        actions={
          <Button variant="primary" onPress={onClose}>
            {t.done}
          </Button>
        }
      >
        <p>{t.createdText}</p>
        <div className="secret">
          <code>{create.data.secret}</code>
          <CopyButton text={create.data.secret} />
        </div>
        <h3>{t.clientSettings}</h3>
        <ClientSettingsFacts />
      </Dialog>
    );
  }
  return <NamePassword onClose={onClose} create={create.mutate} isPending={create.isPending} error={create.error} />;
}

interface FormProps {
  readonly onClose: () => void;
  readonly create: (body: AppPasswordRequest) => void;
  readonly isPending: boolean;
  readonly error: Error | null;
}

function NamePassword({ onClose, create, isPending, error }: FormProps) {
  const t = usePortalText();
  const errorText = useErrorText();
  const words = useScopeWords();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly AppPasswordScope[]>(["imap", "smtp"]);
  const [tried, setTried] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const nameMissing = tried && name.trim() === "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (name.trim() === "") input.current?.focus();
    else if (scopes.length > 0) create({ name: name.trim(), scopes: [...scopes] });
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      isDismissable={name === ""}
      title={t.createTitle}
      actions={
        <>
          <Button onPress={onClose}>{t.cancel}</Button>
          <Button variant="primary" type="submit" form="create-app-password" isPending={isPending}>
            {t.createSubmit}
          </Button>
        </>
      }
    >
      <form id="create-app-password" className="stack stack-5" onSubmit={submit} noValidate>
        <TextField
          label={t.name}
          hint={t.nameHint}
          value={name}
          onChange={setName}
          maxLength={80}
          autoFocus
          autoComplete="off"
          error={nameMissing ? t.appNameMissing : undefined}
          inputRef={input}
        />
        <fieldset className="stack stack-3">
          <legend style={{ fontWeight: "var(--fw-medium)", marginBottom: 8 }}>{t.scopes}</legend>
          {allScopes.map((scope) => (
            <Checkbox
              key={scope}
              isSelected={scopes.includes(scope)}
              onChange={(on) => setScopes(allScopes.filter((other) => (other === scope ? on : scopes.includes(other))))}
            >
              {words[scope]}
            </Checkbox>
          ))}
        </fieldset>
        {tried && scopes.length === 0 && (
          <Note tone="danger" isLive>
            {t.scopeMissing}
          </Note>
        )}
        {error && (
          <Note tone="danger" isLive>
            {errorText(error)}
          </Note>
        )}
      </form>
    </Dialog>
  );
}
