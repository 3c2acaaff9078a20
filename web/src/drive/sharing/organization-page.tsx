import "./sharing.css";
import { useQuery } from "@tanstack/react-query";
import { useDriveSharingText } from "../../i18n/drive-sharing.ts";
import { useUiText } from "../../i18n/ui.ts";
import { useTitle } from "../../shell/title.ts";
import { ButtonLink } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Banner, SkeletonRows } from "../../ui/feedback.tsx";
import { useDriveErrorText } from "../drive-error-text.ts";
import { OutsideTables } from "./outside-tables.tsx";
import { organizationSharedQuery } from "./sharing-queries.ts";

/** For administrators: all that people outside of the organization can see, whoever opened it to them. */
export function OrganizationPage() {
  const t = useDriveSharingText();
  const ui = useUiText();
  const errorText = useDriveErrorText();
  useTitle(t.organizationTitle);
  const { data, error, isPending, refetch } = useQuery(organizationSharedQuery);
  const isEmpty = data !== undefined && data.links.length + data.shares.length === 0;
  return (
    <div className="sheet ds">
      <section className="ds-main">
        <div className="bc">
          <h1 className="grow">{t.organizationTitle}</h1>
          <ButtonLink size="sm" href="/shared">
            {t.backToShared}
          </ButtonLink>
        </div>
        <p className="muted shared-lead">{t.organizationText}</p>
        {isPending && <SkeletonRows count={6} />}
        {error && !data && (
          <div className="in-sheet">
            <Banner tone="danger" action={{ label: ui.retry, run: () => void refetch() }}>
              {errorText(error)}
            </Banner>
          </div>
        )}
        {isEmpty && (
          <EmptyState drawing="gate" level={2} title={t.emptyOutside}>
            {t.emptyOutsideText}
          </EmptyState>
        )}
        {data && !isEmpty && (
          <div className="shared-tabs">
            <OutsideTables outside={data} isOfOrganization />
          </div>
        )}
      </section>
    </div>
  );
}
