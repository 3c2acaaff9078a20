import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { useErrorText } from "../api/error-text.ts";
import { ApiError, request } from "../api/http.ts";
import { useSession } from "../api/session.ts";
import { usePortalText } from "../i18n/portal.ts";
import { NewPasswordField } from "../sign-in/new-password-field.tsx";
import { Button } from "../ui/button.tsx";
import { Note } from "../ui/feedback.tsx";
import { PasswordField } from "../ui/field.tsx";
import { toast } from "../ui/toast.tsx";

/** The account's own password. The form opens on demand, so that the page shows no empty password field. */
export function ChangePassword() {
  const t = usePortalText();
  const [open, setOpen] = useState(false);
  return (
    <section aria-labelledby="password">
      <div>
        <h2 id="password">{t.password}</h2>
        <p className="lead">{t.passwordText}</p>
      </div>
      {open ? (
        <PasswordForm onClose={() => setOpen(false)} />
      ) : (
        <div>
          <Button onPress={() => setOpen(true)}>{t.change}</Button>
        </div>
      )}
    </section>
  );
}

function PasswordForm({ onClose }: { onClose: () => void }) {
  const t = usePortalText();
  const errorText = useErrorText();
  const { person } = useSession();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [missing, setMissing] = useState<{ current?: string; next?: string }>({});
  const currentInput = useRef<HTMLInputElement>(null);
  const nextInput = useRef<HTMLInputElement>(null);
  const save = useMutation({
    mutationFn: () => request<void>("/api/password", { method: "POST", body: { current, next } }),
    onSuccess: () => {
      toast(t.passwordSaved);
      onClose();
    },
    onError: (error) => {
      const field = error instanceof ApiError && error.code === "weak_password" ? nextInput : currentInput;
      field.current?.focus();
      field.current?.select();
    },
  });
  const refusal = save.error instanceof ApiError ? save.error : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const mistakes = {
      current: current === "" ? t.currentMissing : undefined,
      next: next === "" ? t.nextMissing : undefined,
    };
    setMissing(mistakes);
    if (mistakes.current) currentInput.current?.focus();
    else if (mistakes.next) nextInput.current?.focus();
    else save.mutate();
  };
  return (
    <form onSubmit={submit} noValidate>
      <input type="text" hidden readOnly autoComplete="username" name="username" value={person.address} />
      <PasswordField
        label={t.current}
        autoComplete="current-password"
        autoFocus
        value={current}
        onChange={(value) => {
          setCurrent(value);
          if (refusal?.code === "wrong_credentials") save.reset();
        }}
        error={missing.current ?? (refusal?.code === "wrong_credentials" ? t.currentWrong : undefined)}
        inputRef={currentInput}
      />
      <NewPasswordField
        value={next}
        onChange={setNext}
        reasons={refusal?.body.reasons}
        error={missing.next}
        inputRef={nextInput}
      />
      {save.error && refusal?.code !== "wrong_credentials" && refusal?.code !== "weak_password" && (
        <Note tone="danger" isLive>
          {errorText(save.error)}
        </Note>
      )}
      <div className="row">
        <Button type="submit" variant="primary" isPending={save.isPending}>
          {t.change}
        </Button>
        <Button variant="ghost" onPress={onClose}>
          {t.cancel}
        </Button>
      </div>
    </form>
  );
}
