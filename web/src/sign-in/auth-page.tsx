import "./auth-page.css";
import { type ReactNode, useEffect } from "react";
import { useOperator } from "../api/session.ts";
import { useSignInText } from "../i18n/sign-in.ts";
import { hasChosenLanguage, setLanguage, useLanguage } from "../i18n/text.ts";
import { telephoneHref } from "../shell/support.tsx";
import { Button } from "../ui/button.tsx";
import { FieldMap } from "../ui/field-map.tsx";
import { Mark } from "../ui/sign.tsx";
import { tallMap } from "../ui/theme/field-map-tall.ts";

/** The two halves of every page before sign-in: the fields, and a column with the operator and the help line at its foot. */
export function AuthPage({ children }: { children: ReactNode }) {
  const t = useSignInText();
  const language = useLanguage();
  const { data: operator } = useOperator();
  useEffect(() => {
    if (operator && !hasChosenLanguage()) setLanguage(operator.defaultLanguage);
  }, [operator]);
  const support = operator?.support;
  return (
    <div className="auth">
      <div className="side">
        <FieldMap map={tallMap} className="bocage" />
      </div>
      <main className="panel">
        <header>
          {operator?.logoUrl ? (
            <span className="mark">
              <img src={operator.logoUrl} alt={operator.name} />
            </span>
          ) : (
            <Mark />
          )}
          {/* biome-ignore lint/a11y/useSemanticElements: two buttons in a header, not a form's fieldset */}
          <div className="languages" role="group" aria-label={t.language}>
            {(["fr", "en"] as const).map((code) => (
              <Button
                key={code}
                size="sm"
                variant="ghost"
                aria-pressed={language === code}
                lang={code}
                onPress={() => setLanguage(code)}
              >
                {code === "fr" ? "Français" : "English"}
              </Button>
            ))}
          </div>
        </header>
        <div className="middle">{children}</div>
        <footer>
          {operator && (
            <span>
              {t.providedBy} <span className="strong">{operator.name}</span>
            </span>
          )}
          {support?.phone && (
            <span>
              {t.needHelp}{" "}
              <a className="strong" href={telephoneHref(support.phone)}>
                {support.phone.replaceAll(" ", "\u00a0")}
              </a>
              {support.hours && (
                <>
                  <br />
                  {support.hours}
                </>
              )}
            </span>
          )}
          {!support?.phone && support?.email && (
            <span>
              {t.needHelp}{" "}
              <a className="strong" href={`mailto:${support.email}`}>
                {support.email}
              </a>
            </span>
          )}
        </footer>
      </main>
    </div>
  );
}
