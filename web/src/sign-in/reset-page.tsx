import type { PasswordResetInfo } from "@bouquet/contract/identity.ts";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { useErrorText } from "../api/error-text.ts";
import { ApiError, request } from "../api/http.ts";
import { formatDateTime } from "../i18n/format.ts";
import { useSignInText } from "../i18n/sign-in.ts";
import { useLanguage } from "../i18n/text.ts";
import { useUiText } from "../i18n/ui.ts";
import { SupportContact } from "../shell/support.tsx";
import { useTitle } from "../shell/title.ts";
import { Button, ButtonLink } from "../ui/button.tsx";
import { Loading, Note, Skeleton } from "../ui/feedback.tsx";
import { AuthPage } from "./auth-page.tsx";
import { NewPasswordField } from "./new-password-field.tsx";

/** A password chosen by the one-time link that an administrator gave: `/reset/<token>`. */
export function ResetPage({ token }: { token: string }) {
  const t = useSignInText();
  const ui = useUiText();
  const language = useLanguage();
  const errorText = useErrorText();
  useTitle(t.resetTitle);
  const path = `/api/password-reset/${encodeURIComponent(token)}`;
  const info = useQuery({
    queryKey: ["password-reset", token],
    queryFn: () => request<PasswordResetInfo>(path, { mayBeSignedOut: true }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const [password, setPassword] = useState("");
  const [missing, setMissing] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  const save = useMutation({
    mutationFn: () => request<void>(path, { method: "POST", body: { password }, mayBeSignedOut: true }),
    onError: () => input.current?.focus(),
  });

  const isGone = (error: unknown) => error instanceof ApiError && (error.code === "gone" || error.code === "not_found");
  if (save.isSuccess) {
    return (
      <AuthPage>
        <h1>{t.resetDoneTitle}</h1>
        <p>{t.resetDone}</p>
        <ButtonLink variant="primary" size="lg" block href="/sign-in">
          {t.submit}
        </ButtonLink>
      </AuthPage>
    );
  }
  if (isGone(info.error) || isGone(save.error)) {
    return (
      <AuthPage>
        <h1>{t.goneTitle}</h1>
        <p>{t.gone}</p>
        <SupportContact />
        <ButtonLink size="lg" block href="/sign-in">
          {t.title}
        </ButtonLink>
      </AuthPage>
    );
  }

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(password === "" ? ui.required : undefined);
    if (password === "") input.current?.focus();
    else save.mutate();
  };
  const reasons = save.error instanceof ApiError ? save.error.body.reasons : undefined;
  return (
    <AuthPage>
      <h1>{t.resetTitle}</h1>
      {info.isPending && (
        <Loading>
          <Skeleton width="70%" height={18} />
        </Loading>
      )}
      {info.error && (
        <Note tone="warn" isLive>
          <p>{errorText(info.error)}</p>
          <button type="button" className="lk" onClick={() => void info.refetch()}>
            {ui.retry}
          </button>
        </Note>
      )}
      {info.data && (
        <form className="stack stack-5" onSubmit={submit} noValidate>
          <p>
            {t.resetFor(info.data.displayName, info.data.login)}{" "}
            <span className="muted">{t.resetUntil(formatDateTime(info.data.expiresAt, { language }))}</span>
          </p>
          {/* Password managers file the new password under this name. */}
          <input type="text" hidden readOnly autoComplete="username" name="username" value={info.data.login} />
          <NewPasswordField
            size="lg"
            value={password}
            onChange={setPassword}
            reasons={reasons}
            error={missing}
            resetToken={token}
            inputRef={input}
          />
          {save.error && !reasons && (
            <Note tone="danger" isLive>
              {errorText(save.error)}
            </Note>
          )}
          <Button type="submit" variant="primary" size="lg" block isPending={save.isPending}>
            {t.resetSubmit}
          </Button>
        </form>
      )}
    </AuthPage>
  );
}
