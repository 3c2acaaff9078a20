import "./portal.css";
import type { Home, RecentDocument } from "@bouquet/contract/portal.ts";
import { useQuery } from "@tanstack/react-query";
import { Folder, Landmark, Mail, MessageCircle, ShieldUser } from "lucide-react";
import { useErrorText } from "../api/error-text.ts";
import { useOperator, useSession } from "../api/session.ts";
import { formatDay, formatShortDate, formatUsage } from "../i18n/format.ts";
import { usePortalText } from "../i18n/portal.ts";
import { useLanguage } from "../i18n/text.ts";
import { useUiText } from "../i18n/ui.ts";
import { telephoneHref } from "../shell/support.tsx";
import { useTitle } from "../shell/title.ts";
import { ButtonLink } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Banner, Loading, Skeleton, SkeletonRows } from "../ui/feedback.tsx";
import { FieldMap } from "../ui/field-map.tsx";
import { FileGlyph } from "../ui/file-glyph.tsx";
import { Avatar, QuotaBar, StateDot } from "../ui/marks.tsx";
import { carryAppearance } from "../ui/theme/appearance.ts";
import { wideMap } from "../ui/theme/field-map-wide.ts";
import { homeQuery } from "./home-query.ts";
import { ServiceCard } from "./service-card.tsx";

/** What waits for the person, the services, recent documents, support and the state of the services. */
export function HomePage() {
  const t = usePortalText();
  const ui = useUiText();
  const language = useLanguage();
  const session = useSession();
  const errorText = useErrorText();
  useTitle(t.home);
  const { data: home, error, refetch } = useQuery(homeQuery);
  const when = { language, timeZone: session.timeZone };
  const { person, services, roles } = session;
  const mailUrl = carryAppearance(`${services.mail}/`, language);
  const driveUrl = carryAppearance(`${services.drive}/`, language);

  return (
    <section className="page" aria-label={t.home}>
      <div className="hero">
        <FieldMap map={wideMap} className="bocage" />
        <div className="txt">
          <p className="muted">
            {formatDay(new Date(), when)} · {person.organization.name}
          </p>
          <h1>{t.hello(person.givenName || person.displayName)}</h1>
          <p className="s">{home && <Summary home={home} />}</p>
        </div>
      </div>
      <div className="home-wrap">
        <div className="home-cards">
          <ServiceCard
            icon={Mail}
            title={t.mail}
            href={mailUrl}
            count={home?.mail?.unread}
            countLabel={home?.mail ? t.unreadBadge(home.mail.unread) : undefined}
          >
            {!home && !error && <CardSkeleton />}
            {home && !home.mail && t.notAnswering}
            {home?.mail?.latest && (
              <>
                <span className="lead clip">
                  {home.mail.latest.from}, {formatShortDate(home.mail.latest.receivedAt, when)}
                </span>
                <span className="clip" style={{ display: "block" }}>
                  {home.mail.latest.subject || t.noSubject}
                </span>
              </>
            )}
            {home?.mail && !home.mail.latest && t.allReadShort}
          </ServiceCard>
          <ServiceCard icon={Folder} title={t.drive} href={driveUrl}>
            {!home && !error && <CardSkeleton />}
            {home && !home.drive && t.notAnswering}
            {home?.drive && (
              <span className="stack">
                <span className="lead">
                  {formatUsage(language, home.drive.usage.usedBytes, home.drive.usage.limitBytes)}
                </span>
                <QuotaBar used={home.drive.usage.usedBytes} limit={home.drive.usage.limitBytes} hideText />
              </span>
            )}
          </ServiceCard>
          <ServiceCard icon={ShieldUser} title={t.account} href="/security">
            <span className="lead clip">{person.address}</span>
            {t.accountText}
          </ServiceCard>
          {roles.includes("member_admin") && (
            <ServiceCard icon={Landmark} title={t.people} href="/people">
              <span className="lead clip">{person.organization.name}</span>
              {t.peopleText}
            </ServiceCard>
          )}
        </div>
        {error && (
          <Banner tone="danger" action={{ label: ui.retry, run: () => void refetch() }}>
            {t.loadFailed} {errorText(error)}
          </Banner>
        )}
        <div className="home-two">
          <div className="stack">
            <section className="card" aria-labelledby="recent">
              <h2>
                <span id="recent">{t.recent}</span>
                <a href={driveUrl}>{t.allFiles}</a>
              </h2>
              {!home && !error && <SkeletonRows count={4} />}
              {home && <Recent documents={home.drive?.recent ?? []} driveUrl={driveUrl} />}
            </section>
            <Support />
          </div>
          <div className="stack">
            <ServiceStates home={home} />
            {home?.mail && home.drive && (
              <section className="card" aria-labelledby="space">
                <h2 id="space">{t.storage}</h2>
                <dl className="spaces">
                  <div>
                    <dt className="strong">{t.mail}</dt>
                    <dd>
                      <QuotaBar used={home.mail.usage.usedBytes} limit={home.mail.usage.limitBytes} />
                    </dd>
                  </div>
                  <div>
                    <dt className="strong">{t.drive}</dt>
                    <dd>
                      <QuotaBar used={home.drive.usage.usedBytes} limit={home.drive.usage.limitBytes} />
                    </dd>
                  </div>
                </dl>
              </section>
            )}
          </div>
        </div>
      </div>
    </section>
  );
}

function Summary({ home }: { home: Home }) {
  const t = usePortalText();
  if (!home.mail) return t.mailDown;
  if (home.mail.unread === 0) return t.allRead;
  return home.mail.unread === 1 ? t.unreadOne : t.unreadSentence(home.mail.unread);
}

function CardSkeleton() {
  return (
    <Loading>
      <span className="stack">
        <Skeleton width="62%" />
        <Skeleton width="84%" height={12} />
      </span>
    </Loading>
  );
}

function Recent({ documents, driveUrl }: { documents: readonly RecentDocument[]; driveUrl: string }) {
  const t = usePortalText();
  const language = useLanguage();
  const { timeZone } = useSession();
  if (documents.length === 0) {
    return (
      <EmptyState drawing="folder" title={t.noRecent} action={<ButtonLink href={driveUrl}>{t.openDrive}</ButtonLink>}>
        {t.noRecentText}
      </EmptyState>
    );
  }
  return (
    <ul className="docs">
      {documents.map((document) => (
        <li key={document.id}>
          <a href={document.url}>
            <FileGlyph mediaType={document.mediaType} name={document.name} />
            <span className="grow">
              <span className="clip" style={{ display: "block", fontWeight: "var(--fw-medium)" }}>
                {document.name}
              </span>
              <span className="small muted">{document.folder || t.root}</span>
            </span>
            {document.changedBy && (
              <span className="row by small muted">
                <Avatar name={document.changedBy} size="sm" />
                {document.changedBy}
              </span>
            )}
            <span className="d small muted">{formatShortDate(document.changedAt, { language, timeZone })}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function Support() {
  const t = usePortalText();
  const { data: operator } = useOperator();
  const support = operator?.support;
  if (!support || !(support.phone || support.email || support.url)) return null;
  return (
    <section className="card sup" aria-labelledby="support">
      <div className="grow">
        <h2 id="support">{t.supportTitle}</h2>
        <p>
          {operator.name}
          {support.hours && (
            <>
              <br />
              {support.hours}
            </>
          )}
        </p>
      </div>
      <div className="stack" style={{ justifyItems: "start" }}>
        {support.phone && (
          <a className="tel" href={telephoneHref(support.phone)}>
            {support.phone.replaceAll(" ", "\u00a0")}
          </a>
        )}
        {support.email && (
          <ButtonLink size="sm" icon={MessageCircle} href={`mailto:${support.email}`}>
            {t.supportWrite}
          </ButtonLink>
        )}
        {!support.email && support.url && (
          <ButtonLink size="sm" icon={MessageCircle} href={support.url}>
            {t.supportSite}
          </ButtonLink>
        )}
      </div>
    </section>
  );
}

function ServiceStates({ home }: { home: Home | undefined }) {
  const t = usePortalText();
  const language = useLanguage();
  const { timeZone } = useSession();
  const words = { ok: t.stateOk, slow: t.stateSlow, down: t.stateDown };
  const tones = { ok: "ok", slow: "warn", down: "danger" } as const;
  return (
    <section className="card" aria-labelledby="states">
      <h2 id="states">{t.state}</h2>
      {!home && <SkeletonRows count={2} />}
      <ul className="st">
        {home?.services.map(({ name, state, since }) => (
          <li key={name}>
            {name === "mail" ? t.mail : t.drive}
            <StateDot tone={tones[state]}>
              {words[state]}
              {since && state !== "ok" && ` ${t.since(formatShortDate(since, { language, timeZone }))}`}
            </StateDot>
          </li>
        ))}
      </ul>
    </section>
  );
}
