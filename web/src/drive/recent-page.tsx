import { useQuery } from "@tanstack/react-query";
import { useDriveText } from "../i18n/drive.ts";
import { useTitle } from "../shell/title.ts";
import { EmptyState } from "../ui/empty-state.tsx";
import { recentQuery } from "./drive-queries.ts";
import { FoundList } from "./found-nodes.tsx";

/** What changed last in all spaces. */
export function RecentPage() {
  const t = useDriveText();
  useTitle(t.recent);
  return (
    <FoundList
      title={t.recent}
      query={useQuery(recentQuery)}
      empty={
        <EmptyState drawing="folder" level={2} title={t.emptyRecent}>
          {t.emptyRecentText}
        </EmptyState>
      }
    />
  );
}
