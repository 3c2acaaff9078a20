import "./sharing.css";
import type { SharedOverview } from "@bouquet/contract/drive.ts";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useDriveSharingText } from "../../i18n/drive-sharing.ts";
import { useLanguage } from "../../i18n/text.ts";
import { ButtonLink } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { SheetPage } from "../sheet-page.tsx";
import { OutsideTables } from "./outside-tables.tsx";
import { GivenTable, ReceivedTable } from "./shares-tables.tsx";
import { sharedQuery } from "./sharing-queries.ts";

type Tab = "with-me" | "by-me" | "outside";

/** « Partagés »: what others share with the person, what they share, and what people outside can see. */
export function SharedPage() {
  const t = useDriveSharingText();
  const query = useQuery(sharedQuery);
  return (
    <SheetPage
      title={t.shared}
      query={query}
      head={
        query.data?.isAdministrator && (
          <ButtonLink size="sm" href="/shared/organization">
            {t.organization}
          </ButtonLink>
        )
      }
    >
      {(data) => <SharedTabs data={data} />}
    </SheetPage>
  );
}

function SharedTabs({ data: { withMe, byMe, outside } }: { data: SharedOverview }) {
  const t = useDriveSharingText();
  const language = useLanguage();
  const isNothingOutside = outside.links.length + outside.shares.length === 0;
  // The first that holds something.
  const [tab, setTab] = useState<Tab>(() =>
    withMe.length > 0 ? "with-me" : byMe.length > 0 ? "by-me" : isNothingOutside ? "with-me" : "outside",
  );
  const byName = new Intl.Collator(language, { numeric: true });
  return (
    <div className="shared-tabs">
      <Tabs<Tab>
        label={t.shared}
        value={tab}
        onChange={setTab}
        tabs={[
          {
            id: "with-me",
            label: t.withMe,
            count: withMe.length,
            content:
              withMe.length === 0 ? (
                <EmptyState drawing="folder" level={2} title={t.emptyWithMe}>
                  {t.emptyWithMeText}
                </EmptyState>
              ) : (
                <ReceivedTable
                  shares={withMe.toSorted((a, b) => byName.compare(a.share.node.name, b.share.node.name))}
                />
              ),
          },
          {
            id: "by-me",
            label: t.byMe,
            count: byMe.length,
            content:
              byMe.length === 0 ? (
                <EmptyState drawing="hedge" level={2} title={t.emptyByMe}>
                  {t.emptyByMeText}
                </EmptyState>
              ) : (
                <GivenTable label={t.byMe} shares={byMe} />
              ),
          },
          {
            id: "outside",
            label: t.outside,
            count: outside.links.length + outside.shares.length,
            content: isNothingOutside ? (
              <EmptyState drawing="gate" level={2} title={t.emptyOutside}>
                {t.emptyOutsideText}
              </EmptyState>
            ) : (
              <OutsideTables outside={outside} />
            ),
          },
        ]}
      />
    </div>
  );
}
