import "./sharing.css";
import type { SharedOutside } from "@bouquet/contract/drive.ts";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useDriveSharingText } from "../../i18n/drive-sharing.ts";
import { ButtonLink } from "../../ui/button.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { TextField } from "../../ui/field.tsx";
import { Select } from "../../ui/select.tsx";
import { SheetPage } from "../sheet-page.tsx";
import { filterOutside, type OutsideKind, outsideKinds } from "./filter-outside.ts";
import { OutsideTables } from "./outside-tables.tsx";
import { organizationSharedQuery } from "./sharing-queries.ts";

/** For administrators: all that people outside of the organization can see, whoever opened it to them. */
export function OrganizationPage() {
  const t = useDriveSharingText();
  return (
    <SheetPage
      title={t.organizationTitle}
      query={useQuery(organizationSharedQuery)}
      head={
        <ButtonLink size="sm" href="/shared">
          {t.backToShared}
        </ButtonLink>
      }
      lead={<p className="muted shared-lead">{t.organizationText}</p>}
    >
      {(outside) =>
        outside.links.length + outside.shares.length === 0 ? (
          <EmptyState drawing="gate" level={2} title={t.emptyOutside}>
            {t.emptyOrganizationText}
          </EmptyState>
        ) : (
          <Filtered outside={outside} />
        )
      }
    </SheetPage>
  );
}

function Filtered({ outside }: { outside: SharedOutside }) {
  const t = useDriveSharingText();
  const [kind, setKind] = useState<OutsideKind>("all");
  const [text, setText] = useState("");
  const found = filterOutside(outside, kind, text);
  const count = found.links.length + found.shares.length;
  return (
    <div className="shared-tabs">
      {/* biome-ignore lint/a11y/useSemanticElements: <search> is not known to all browsers */}
      <div className="shared-filter" role="search">
        <TextField label={t.filter} value={text} onChange={setText} placeholder={t.filterHint} type="search" />
        <Select
          label={t.filterKind}
          value={kind}
          onChange={setKind}
          choices={outsideKinds.map((id) => ({ id, label: t.filterKinds[id] }))}
        />
        <p className="small muted" role="status">
          {t.filtered(count, outside.links.length + outside.shares.length)}
        </p>
      </div>
      {count === 0 ? (
        <EmptyState drawing="hedge" level={2} title={t.filterNone}>
          {t.filterNoneText}
        </EmptyState>
      ) : (
        <OutsideTables outside={found} isOfOrganization />
      )}
    </div>
  );
}
