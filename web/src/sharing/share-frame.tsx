import "./sharing.css";
import type { ShareInfo } from "@bouquet/contract/sharing.ts";
import { Lock } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useOperator } from "../api/session.ts";
import { useSharingText } from "../i18n/sharing.ts";
import { setLanguage, useLanguage } from "../i18n/text.ts";
import { SupportContact } from "../shell/support.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { OfflineBanner } from "../ui/feedback.tsx";
import { FieldMap } from "../ui/field-map.tsx";
import { Chip } from "../ui/marks.tsx";
import { useOnline } from "../ui/online.ts";
import { Mark } from "../ui/sign.tsx";
import { wideMap } from "../ui/theme/field-map-wide.ts";
import { formatLastDay } from "./last-day.ts";

interface Props {
  /** Undefined while it is not known, and when the link leads nowhere. */
  readonly info: ShareInfo | undefined;
  readonly children: ReactNode;
}

/** The fields, until when the link works, one card, and who provides the service. */
export function ShareFrame({ info, children }: Props) {
  const t = useSharingText();
  const language = useLanguage();
  const online = useOnline();
  const { data: operator } = useOperator();
  return (
    <div className="share">
      <div className="band">
        <FieldMap map={wideMap} className="bocage" />
        <header className="top">
          {operator?.logoUrl ? (
            <span className="mark">
              <img src={operator.logoUrl} alt={operator.name} />
            </span>
          ) : (
            <Mark />
          )}
          {info && (
            <Chip isLarge icon={Lock}>
              {info.expiresAt === null ? t.personal : t.personalUntil(formatLastDay(info.expiresAt, { language }))}
            </Chip>
          )}
        </header>
      </div>
      <main className="pg">
        <OfflineBanner isOffline={!online && info !== undefined} />
        {children}
      </main>
      <ShareFooter hasSender={info !== undefined} />
    </div>
  );
}

function ShareFooter({ hasSender }: { hasSender: boolean }) {
  const t = useSharingText();
  const language = useLanguage();
  const { data: operator } = useOperator();
  const [isReporting, setReporting] = useState(false);
  const support = operator?.support;
  const hasSupport = Boolean(support && (support.phone || support.email || support.url));
  return (
    <footer className="ft">
      <span>{operator && t.providedBy(operator.name)}</span>
      {/* biome-ignore lint/a11y/useSemanticElements: two buttons in a footer, not a form's fieldset */}
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
      {hasSender && hasSupport && (
        <button type="button" className="lk" onClick={() => setReporting(true)}>
          {t.report}
        </button>
      )}
      <Dialog isOpen={isReporting} onClose={() => setReporting(false)} title={t.reportTitle}>
        <p>{t.reportText}</p>
        <SupportContact />
      </Dialog>
    </footer>
  );
}
