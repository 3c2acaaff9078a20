import "./portal.css";
import type { PeopleList, PersonItem } from "@bouquet/contract/identity.ts";
import { useQuery } from "@tanstack/react-query";
import { Ellipsis, RotateCcw } from "lucide-react";
import { useState } from "react";
import { useErrorText } from "../api/error-text.ts";
import { ApiError, request } from "../api/http.ts";
import { useSession } from "../api/session.ts";
import { formatShortDate } from "../i18n/format.ts";
import { usePortalText } from "../i18n/portal.ts";
import { useLanguage } from "../i18n/text.ts";
import { useUiText } from "../i18n/ui.ts";
import { useTitle } from "../shell/title.ts";
import { Workspace } from "../ui/app-shell.tsx";
import { Button, IconButton } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Banner, SkeletonRows } from "../ui/feedback.tsx";
import { SearchField } from "../ui/field.tsx";
import { Avatar, Chip, QuotaBar, StateDot } from "../ui/marks.tsx";
import { MenuButton, MenuEntry } from "../ui/menu.tsx";
import { DataTable } from "../ui/table.tsx";
import { fold, matches } from "./match-person.ts";
import { RecoverMailDialog } from "./recover-mail-dialog.tsx";
import { ResetLinkDialog } from "./reset-link-dialog.tsx";

/** The people of the organization, for its administrator, each of whom can be given a password link. */
export function PeoplePage() {
  const t = usePortalText();
  const ui = useUiText();
  const errorText = useErrorText();
  useTitle(t.peopleTitle);
  const [search, setSearch] = useState("");
  const [resetting, setResetting] = useState<PersonItem | null>(null);
  const [recovering, setRecovering] = useState<PersonItem | null>(null);
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["identity", "people"],
    queryFn: () => request<PeopleList>("/api/people"),
  });
  const people = (data?.people ?? []).filter((person) => matches(person, fold(search)));
  const isForbidden = error instanceof ApiError && error.code === "forbidden";
  return (
    <Workspace head={<SearchField label={t.peopleSearch} value={search} onChange={setSearch} />}>
      <div className="sheet scroll people people-sheet">
        <div className="people-head">
          <h1>{t.peopleTitle}</h1>
          {data && <span className="muted">{t.peopleCount(people.length)}</span>}
        </div>
        {isPending && <SkeletonRows count={6} />}
        {isForbidden && (
          <EmptyState drawing="gate" level={2} title={t.notAdmin}>
            {t.notAdminText}
          </EmptyState>
        )}
        {error && !isForbidden && !data && (
          <Banner tone="danger" action={{ label: ui.retry, run: () => void refetch() }}>
            {errorText(error)}
          </Banner>
        )}
        {data && people.length === 0 && (
          <EmptyState drawing="search" level={2} title={t.noMatch}>
            {t.noMatchText}
          </EmptyState>
        )}
        {people.length > 0 && <PeopleTable people={people} onReset={setResetting} onRecover={setRecovering} />}
      </div>
      {recovering && <RecoverMailDialog person={recovering} onClose={() => setRecovering(null)} />}
      {resetting && <ResetLinkDialog person={resetting} onClose={() => setResetting(null)} />}
    </Workspace>
  );
}

interface TableProps {
  readonly people: readonly PersonItem[];
  readonly onReset: (person: PersonItem) => void;
  readonly onRecover: (person: PersonItem) => void;
}

function PeopleTable({ people, onReset, onRecover }: TableProps) {
  const t = usePortalText();
  const language = useLanguage();
  const { timeZone } = useSession();
  const states = { active: t.active, invited: t.invited, suspended: t.suspended };
  const tones = { active: "ok", invited: "warn", suspended: "off" } as const;
  return (
    <DataTable
      label={t.peopleTitle}
      rows={people}
      keyOf={(person) => person.uid}
      columns={[
        {
          id: "name",
          title: t.columnName,
          cell: (person) => (
            <div className="who">
              <Avatar name={person.displayName} seed={person.address} />
              <div className="grow">
                <p className="row wrap-row" style={{ columnGap: 8, rowGap: 2 }}>
                  <span className="strong">{person.displayName}</span>
                  {person.roles.includes("member_admin") && <Chip tone="green">{t.admin}</Chip>}
                </p>
                <p className="small muted clip">{[person.jobTitle, person.address].filter(Boolean).join(" · ")}</p>
              </div>
            </div>
          ),
        },
        {
          id: "state",
          title: t.columnState,
          cell: (person) => <StateDot tone={tones[person.state]}>{states[person.state]}</StateDot>,
        },
        {
          id: "mail",
          title: t.columnMail,
          className: "space wide",
          cell: (person) => <QuotaBar used={person.mail.usedBytes} limit={person.mail.limitBytes} />,
        },
        {
          id: "drive",
          title: t.columnDrive,
          className: "space wide",
          cell: (person) => <QuotaBar used={person.drive.usedBytes} limit={person.drive.limitBytes} />,
        },
        {
          id: "seen",
          title: t.columnSeen,
          className: "wide",
          cell: (person) => (
            <span className="muted">
              {person.lastSeenAt ? formatShortDate(person.lastSeenAt, { language, timeZone }) : t.never}
            </span>
          ),
        },
        {
          id: "actions",
          title: t.columnActions,
          hideTitle: true,
          isNumber: true,
          cell: (person) => (
            <span className="row person-acts">
              <Button size="sm" onPress={() => onReset(person)} aria-label={t.resetLinkOf(person.displayName)}>
                {t.resetLink}
              </Button>
              <MenuButton
                label={t.otherActionsFor(person.displayName)}
                trigger={<IconButton size="sm" label={t.otherActionsFor(person.displayName)} icon={Ellipsis} />}
              >
                <MenuEntry icon={RotateCcw} onAction={() => onRecover(person)}>
                  {t.recoverMail}
                </MenuEntry>
              </MenuButton>
            </span>
          ),
        },
      ]}
    />
  );
}
