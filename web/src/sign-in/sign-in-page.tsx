import type { SignInRequest, SignInResponse } from "@bouquet/contract/session.ts";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useErrorText } from "../api/error-text.ts";
import { ApiError, OfflineError, request } from "../api/http.ts";
import { useOperator, useSessionQuery } from "../api/session.ts";
import { useSignInText } from "../i18n/sign-in.ts";
import { useUiText } from "../i18n/ui.ts";
import { SupportContact } from "../shell/support.tsx";
import { useTitle } from "../shell/title.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Note } from "../ui/feedback.tsx";
import { PasswordField, TextField } from "../ui/field.tsx";
import { AuthPage } from "./auth-page.tsx";
import { safeReturnPath } from "./return-path.ts";

/** Address and password in one form. `?interaction=` is passed on, `?return=` is where a portal page sent from. */
export function SignInPage() {
  const t = useSignInText();
  const ui = useUiText();
  useTitle(t.title);
  const query = new URLSearchParams(window.location.search);
  const interaction = query.get("interaction") ?? undefined;
  const back = safeReturnPath(query.get("return"));
  const { data: operator } = useOperator();
  const { data: session, error: sessionError } = useSessionQuery();
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [missing, setMissing] = useState<{ login?: string; password?: string }>({});
  const [capsLock, setCapsLock] = useState(false);
  const [helping, setHelping] = useState(false);
  const passwordInput = useRef<HTMLInputElement>(null);
  const loginInput = useRef<HTMLInputElement>(null);

  useEffect(() => {
    if (session && !interaction) window.location.replace(back);
  }, [session, interaction, back]);

  const signIn = useMutation({
    mutationFn: (body: SignInRequest) =>
      request<SignInResponse>("/api/sign-in", { method: "POST", body, mayBeSignedOut: true }),
    onSuccess: ({ redirect }) => window.location.assign(interaction || redirect !== "/" ? redirect : back),
    onError: (error) => {
      if (error instanceof ApiError && error.code === "gone") {
        // The interaction has expired: the same form now signs in at the portal.
        window.history.replaceState(null, "", "/sign-in");
      }
      passwordInput.current?.focus();
      passwordInput.current?.select();
    },
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const address = login.trim();
    const mistakes: typeof missing = {};
    if (address === "") mistakes.login = t.addressMissing;
    else if (address.endsWith("@")) mistakes.login = t.addressIncomplete;
    if (password === "") mistakes.password = t.passwordMissing;
    setMissing(mistakes);
    if (mistakes.login) loginInput.current?.focus();
    else if (mistakes.password) passwordInput.current?.focus();
    else signIn.mutate({ login: address, password, interaction });
  };

  const watchCapsLock = (event: KeyboardEvent) => setCapsLock(event.getModifierState("CapsLock"));
  const isDown = sessionError instanceof ApiError && sessionError.status >= 500;

  return (
    <AuthPage>
      <h1>
        {t.welcome.map((line) => (
          <span key={line}>{line}</span>
        ))}
      </h1>
      {isDown && !signIn.error && (
        <Note tone="warn">
          <p className="strong">{ui.unavailableTitle}</p>
          <p>{ui.unavailableText}</p>
        </Note>
      )}
      <form className="stack stack-5" onSubmit={submit} noValidate>
        <TextField
          label={t.address}
          size="lg"
          type="email"
          name="username"
          autoComplete="username"
          autoFocus
          value={login}
          onChange={setLogin}
          hint={operator?.loginExample && t.addressHint(operator.loginExample)}
          error={missing.login}
          inputRef={loginInput}
        />
        <PasswordField
          label={t.password}
          size="lg"
          name="password"
          autoComplete="current-password"
          value={password}
          onChange={setPassword}
          onKeyUp={watchCapsLock}
          hint={capsLock ? t.capsLock : undefined}
          error={missing.password}
          inputRef={passwordInput}
        />
        {signIn.error && <Refusal error={signIn.error} />}
        <div className="stack stack-3">
          <Button type="submit" variant="primary" size="lg" block isPending={signIn.isPending || signIn.isSuccess}>
            {t.submit}
          </Button>
          <p className="small" style={{ textAlign: "center" }}>
            <button type="button" className="lk" onClick={() => setHelping(true)}>
              {t.trouble}
            </button>
          </p>
        </div>
      </form>
      <Dialog isOpen={helping} onClose={() => setHelping(false)} title={t.helpTitle}>
        <ol className="help-list">
          <li>{t.helpAddress}</li>
          <li>{t.helpPassword}</li>
          <li>{t.helpForgotten}</li>
        </ol>
        <p>{t.helpSupport}</p>
        <SupportContact />
      </Dialog>
    </AuthPage>
  );
}

function Refusal({ error }: { error: Error }) {
  const t = useSignInText();
  const errorText = useErrorText();
  const seconds = error instanceof ApiError ? (error.body.retryAfterSeconds ?? 900) : 0;
  const [minutes, setMinutes] = useState(Math.ceil(seconds / 60));
  useEffect(() => {
    const until = Date.now() + seconds * 1000;
    const tell = () => setMinutes(Math.max(1, Math.ceil((until - Date.now()) / 60_000)));
    tell();
    const timer = setInterval(tell, 10_000);
    return () => clearInterval(timer);
  }, [seconds]);

  const sentence = () => {
    if (error instanceof OfflineError) return t.offline;
    if (!(error instanceof ApiError)) return errorText(error);
    switch (error.code) {
      case "wrong_credentials": {
        const left = error.body.attemptsLeft;
        return left === undefined ? t.wrong : `${t.wrong} ${t.attemptsLeft(left)}`;
      }
      case "throttled":
        return t.throttled(minutes);
      case "gone":
        return t.expired;
      case "unavailable":
        return t.unavailable;
      default:
        return errorText(error);
    }
  };
  return (
    <Note tone={error instanceof ApiError && error.status < 500 && error.code !== "gone" ? "danger" : "warn"} isLive>
      {sentence()}
    </Note>
  );
}
