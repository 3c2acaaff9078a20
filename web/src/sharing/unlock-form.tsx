import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { useErrorText } from "../api/error-text.ts";
import { ApiError } from "../api/http.ts";
import { useSharingText } from "../i18n/sharing.ts";
import { useTitle } from "../shell/title.ts";
import { Button } from "../ui/button.tsx";
import { Note } from "../ui/feedback.tsx";
import { PasswordField } from "../ui/field.tsx";
import { Sender } from "./sender.tsx";
import type { LockedShare } from "./share-queries.ts";
import { unlockShare } from "./share-queries.ts";
import { useMinutesLeft } from "./use-minutes-left.ts";

interface Props {
  readonly token: string;
  readonly info: LockedShare;
  /** Reads the link again; ends when that has been done. */
  readonly onUnlocked: () => Promise<void>;
}

/** Asks for the password of the link. Nothing of what it leads to is known here. */
export function UnlockForm({ token, info, onUnlocked }: Props) {
  const t = useSharingText();
  useTitle(t.lockedTitle);
  const [password, setPassword] = useState("");
  const [isMissing, setMissing] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const unlock = useMutation({
    mutationFn: () => unlockShare(token, password),
    onSuccess: onUnlocked,
    onError: (error) => {
      // The link ended meanwhile: the page that says so is at its own address.
      if (error instanceof ApiError && (error.code === "gone" || error.code === "not_found")) return onUnlocked();
      input.current?.focus();
      input.current?.select();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(password === "");
    if (password === "") input.current?.focus();
    else unlock.mutate();
  };
  return (
    <section className="card">
      <div className="hd locked">
        <div className="grow">
          <Sender info={info} />
          <h1>{t.lockedTitle}</h1>
          <p className="muted">{t.lockedText}</p>
          <form className="stack stack-4" onSubmit={submit} noValidate>
            <PasswordField
              label={t.password}
              size="lg"
              name="password"
              autoComplete="off"
              autoFocus
              value={password}
              onChange={setPassword}
              error={isMissing ? t.passwordMissing : undefined}
              inputRef={input}
            />
            {unlock.error && <Refusal error={unlock.error} />}
            {unlock.isSuccess && (
              <Note tone="warn" isLive>
                {t.cookiesRefused}
              </Note>
            )}
            <Button type="submit" variant="primary" size="lg" isPending={unlock.isPending}>
              {t.unlock}
            </Button>
          </form>
        </div>
      </div>
    </section>
  );
}

function Refusal({ error }: { error: Error }) {
  const t = useSharingText();
  const errorText = useErrorText();
  const minutes = useMinutesLeft(error);
  const isRefused = error instanceof ApiError && error.status < 500;
  const sentence = () => {
    if (!(error instanceof ApiError)) return errorText(error);
    if (error.code === "throttled") return t.throttled(minutes);
    if (error.code !== "wrong_credentials") return errorText(error);
    const left = error.body.attemptsLeft;
    return left === undefined ? t.wrong : `${t.wrong} ${t.attemptsLeft(left)}`;
  };
  return (
    <Note tone={isRefused ? "danger" : "warn"} isLive>
      {sentence()}
    </Note>
  );
}
