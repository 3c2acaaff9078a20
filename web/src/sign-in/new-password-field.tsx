import type { PasswordReason } from "@bouquet/contract/errors.ts";
import type { PasswordCheckResponse, PasswordPolicy } from "@bouquet/contract/identity.ts";
import { useQuery } from "@tanstack/react-query";
import { type Ref, useEffect, useState } from "react";
import { request } from "../api/http.ts";
import { usePasswordText } from "../i18n/password.ts";
import { PasswordField } from "../ui/field.tsx";
import { ProgressBar } from "../ui/marks.tsx";

interface Props {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Reasons of the server's refusal, when it has refused. */
  readonly reasons?: readonly PasswordReason[];
  readonly error?: string | undefined;
  readonly resetToken?: string;
  readonly inputRef?: Ref<HTMLInputElement>;
  readonly size?: "md" | "lg";
}

/** A new password with the rule and, once typed, how strong the server finds it. */
export function NewPasswordField({ value, onChange, reasons = [], error, resetToken, inputRef, size }: Props) {
  const t = usePasswordText();
  const [asked, setAsked] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setAsked(value), 350);
    return () => clearTimeout(timer);
  }, [value]);
  const { data: policy } = useQuery({
    queryKey: ["password-policy"],
    queryFn: () => request<PasswordPolicy>("/api/password-policy", { mayBeSignedOut: true }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { data: check } = useQuery({
    queryKey: ["password-check", asked],
    queryFn: ({ signal }) =>
      request<PasswordCheckResponse>("/api/password-check", {
        method: "POST",
        body: { password: asked, resetToken },
        mayBeSignedOut: true,
        signal,
      }),
    enabled: asked !== "",
    // What was typed is not kept in memory longer than the screen needs it.
    gcTime: 0,
    retry: false,
  });

  const fits = check && asked === value;
  const found = fits ? (check.reasons as PasswordReason[]) : reasons;
  const required = policy?.minBits ?? 50;
  const level = !fits ? null : !check.acceptable ? "weak" : check.bits >= required * 1.4 ? "strong" : "fair";

  return (
    <div className="stack">
      <PasswordField
        label={t.next}
        size={size}
        autoComplete="new-password"
        value={value}
        onChange={onChange}
        error={
          error ?? (reasons.length > 0 && !fits ? reasons.map((reason) => t.reasons[reason]).join(" ") : undefined)
        }
        hint={policy ? t.rule(String(policy.minLength)) : undefined}
        inputRef={inputRef}
      />
      {value !== "" && (
        <div className="stack" style={{ gap: 4 }}>
          <ProgressBar
            label={t.strength}
            ratio={fits ? Math.max(0.04, check.bits / (required * 1.4)) : 0}
            tone={level === "weak" ? "danger" : "plain"}
          />
          <p className="small" role="status" style={{ minHeight: "1.4em" }}>
            {level ? <span className="strong">{t[level]}.</span> : <span className="muted">{t.checking}</span>}{" "}
            {level === "weak" && <span className="muted">{found.map((reason) => t.reasons[reason]).join(" ")}</span>}
          </p>
        </div>
      )}
    </div>
  );
}
