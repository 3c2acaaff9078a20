import { useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { Palmtree } from "lucide-react";
import { useSession } from "../../api/session.ts";
import { useMailSettingsText } from "../../i18n/mail-settings.ts";
import { useLanguage } from "../../i18n/text.ts";
import { Banner } from "../../ui/feedback.tsx";
import { describeSession, useJmapSessionQuery } from "../jmap/accounts.ts";
import { absenceState, longMoment } from "./absence.ts";
import { filtersQuery } from "./filters-query.ts";

/** Says on every screen of the webmail that the person's answer of absence is going out. */
export function AbsenceBanner() {
  const { absence: t } = useMailSettingsText();
  const language = useLanguage();
  const { timeZone } = useSession();
  const navigate = useNavigate();
  const isSettings = useLocation().pathname.startsWith("/settings/");
  const session = useJmapSessionQuery({ enabled: false }).data;
  const own = session && describeSession(session)?.own.id;
  const { data } = useQuery({ ...filtersQuery(own ?? ""), enabled: own !== undefined });
  const rule = data?.rules?.vacation;
  if (isSettings || !rule || absenceState(rule, Date.now()) !== "active") return null;
  const change = () => void navigate({ to: "/settings/$section", params: { section: "absence" }, search: {} });
  return (
    <Banner tone="info" icon={Palmtree} action={{ label: t.change, run: change }}>
      {rule.until === null ? t.banner : t.bannerUntil(longMoment(rule.until, { language, timeZone }))}
    </Banner>
  );
}
