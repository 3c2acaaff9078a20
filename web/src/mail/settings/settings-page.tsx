import "./settings.css";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { type ComponentType, Fragment, useEffect, useRef } from "react";
import { useMailSettingsText } from "../../i18n/mail-settings.ts";
import { useTitle } from "../../shell/title.ts";
import { Workspace } from "../../ui/app-shell.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Select } from "../../ui/select.tsx";
import { type MailAccount, useJmap } from "../jmap/accounts.ts";
import { AbsenceSection } from "./absence-section.tsx";
import { FiltersSection } from "./filters/filters-section.tsx";
import { ForwardSection } from "./forward-section.tsx";
import { QuarantineSection } from "./quarantine-section.tsx";
import { readSection, readSettingsSearch, type Section, sectionIcons, sections } from "./sections.ts";
import { SendersSection } from "./senders-section.tsx";

const contents: Record<Section, ComponentType<{ account: MailAccount }>> = {
  filters: FiltersSection,
  absence: AbsenceSection,
  forward: ForwardSection,
  senders: SendersSection,
  quarantine: QuarantineSection,
};

/** What happens to mail by itself, one sheet for each subject; of one's own mailbox, or of a shared one. */
export function SettingsPage() {
  const t = useMailSettingsText();
  const { accounts, own } = useJmap();
  const params: { section?: string } = useParams({ strict: false });
  const search = readSettingsSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const section = readSection(params.section);
  const account = accounts.find((each) => each.id === search.account) ?? own;
  const Content = contents[section];
  useTitle(`${t.sections[section]} · ${t.title}`);
  const open = accounts.filter((each) => each.isOwn || !each.isReadOnly);
  return (
    <Workspace
      head={<span className="strong clip">{t.title}</span>}
      actions={
        open.length > 1 && (
          <div className="account-choice">
            <Select
              label={t.mailbox}
              hideLabel
              choices={open.map((each) => ({ id: each.id, label: each.isOwn ? t.ownMailbox : each.name }))}
              value={account.id}
              onChange={(id) =>
                void navigate({
                  to: "/settings/$section",
                  params: { section },
                  search: id === own.id ? {} : { account: id },
                })
              }
            />
          </div>
        )
      }
      navLabel={t.title}
      nav={
        <>
          <Link to="/" search={{}} activeOptions={{ exact: true }}>
            <Icon of={ArrowLeft} />
            {t.backToMail}
          </Link>
          <h2>{t.title}</h2>
          <SectionLinks section={section} withIcons />
        </>
      }
    >
      <div className="sheet mset">
        <PhoneTabs section={section} />
        <Fragment key={`${account.id} ${section}`}>
          <Content account={account} />
        </Fragment>
      </div>
    </Workspace>
  );
}

/** On phones the sections stand above the sheet, the open one in sight. */
function PhoneTabs({ section }: { section: Section }) {
  const { title } = useMailSettingsText();
  const tabs = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: when another section opens
  useEffect(() => {
    const open = tabs.current?.querySelector<HTMLElement>("[aria-current]");
    if (tabs.current && open) tabs.current.scrollLeft = open.offsetLeft - 48;
  }, [section]);
  return (
    <nav ref={tabs} className="only-m tabs-list mset-tabs" aria-label={title}>
      <SectionLinks section={section} />
    </nav>
  );
}

function SectionLinks({ section, withIcons }: { section: Section; withIcons?: boolean }) {
  const t = useMailSettingsText();
  const search = readSettingsSearch(useSearch({ strict: false }));
  return sections.map((each) => (
    <Link
      key={each}
      to="/settings/$section"
      params={{ section: each }}
      search={search}
      activeProps={{ "aria-current": each === section ? "page" : undefined }}
      aria-current={each === section ? "page" : undefined}
    >
      {withIcons && <Icon of={sectionIcons[each]} />}
      {t.sections[each]}
    </Link>
  ));
}
