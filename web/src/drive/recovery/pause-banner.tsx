import { useQuery } from "@tanstack/react-query";
import { useLocation, useRouter } from "@tanstack/react-router";
import { CirclePause } from "lucide-react";
import { useDriveRecoveryText } from "../../i18n/drive-recovery.ts";
import { Banner } from "../../ui/feedback.tsx";
import { pausesQuery } from "./recovery-queries.ts";

/** On every page of the drive while a device waits for a decision. */
export function PauseBanner() {
  const t = useDriveRecoveryText();
  const router = useRouter();
  const { pathname } = useLocation();
  const { data } = useQuery(pausesQuery);
  const waiting = data?.pauses.filter((pause) => pause.rolledBackAt === null) ?? [];
  const [first, ...others] = waiting;
  if (!first || pathname === "/pauses") return null;
  const words =
    others.length > 0
      ? t.bannerMany(waiting.length)
      : first.isMine
        ? t.bannerMine(first.deviceName)
        : t.bannerOther(first.deviceName, first.personName);
  return (
    <Banner tone="warn" icon={CirclePause} action={{ label: t.decide, run: () => router.history.push("/pauses") }}>
      {words}
    </Banner>
  );
}
