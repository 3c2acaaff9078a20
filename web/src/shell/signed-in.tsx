import type { ServiceName, Session } from "@bouquet/contract/session.ts";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Folder, House, Landmark, Mail } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { RouterProvider } from "react-aria-components";
import { openEvents } from "../api/events.ts";
import { goToSignIn } from "../api/http.ts";
import { SessionContext, useSessionQuery } from "../api/session.ts";
import { hasChosenLanguage, setLanguage, useLanguage } from "../i18n/text.ts";
import { useUiText } from "../i18n/ui.ts";
import { AppShell, Rail, type RailItem } from "../ui/app-shell.tsx";
import { OfflineBanner } from "../ui/feedback.tsx";
import { useOnline } from "../ui/online.ts";
import { carryAppearance } from "../ui/theme/appearance.ts";
import { AccountMenu } from "./account-menu.tsx";
import { UnavailablePage } from "./unavailable-page.tsx";

interface Props {
  readonly service: ServiceName | "people";
  /** Unread messages, for the dot of the rail, where the service knows them. */
  readonly unread?: number;
  /** Replaces the sentence of the offline banner. */
  readonly offlineText?: string;
  /** Banners of the service, under the offline one. */
  readonly notices?: ReactNode;
  readonly children: ReactNode;
}

/**
 * The frame of every signed-in screen: reads the session (or leads to sign-in), draws the rail, follows `/api/events`.
 * Under it `useSession()` gives the person. Hints of `changed` invalidate the queries
 * whose key starts with the area, or whose `meta.areas` holds it. Stands under the service's router: links of react-aria
 * components to this origin are followed without a reload.
 */
export function SignedIn(props: Props) {
  const { data: session, error, refetch, isFetching } = useSessionQuery();
  const [isStuck, setIsStuck] = useState(false);
  useEffect(() => {
    if (session === null) setIsStuck(!goToSignIn());
    else if (session && !hasChosenLanguage()) setLanguage(session.language);
  }, [session]);
  if (session) return <Frame {...props} session={session} />;
  if (error || isStuck) return <UnavailablePage onRetry={() => refetch()} isRetrying={isFetching} />;
  return (
    <div className="app" aria-busy="true">
      <div className="rail" />
    </div>
  );
}

function Frame({ service, unread, offlineText, notices, session, children }: Props & { session: Session }) {
  const online = useOnline();
  const queries = useQueryClient();
  const navigate = useNavigate();
  useEffect(
    () =>
      openEvents((event) => {
        if (event.type === "revoked") goToSignIn();
        else {
          void queries.invalidateQueries({
            predicate: ({ queryKey, meta }) =>
              event.areas.some(
                (area) => queryKey[0] === area || (Array.isArray(meta?.areas) && meta.areas.includes(area)),
              ),
          });
        }
      }),
    [queries],
  );
  const rail = (
    <Rail
      homeHref={useServiceLink(session)("portal", service)}
      items={useRailItems(session, service, unread)}
      account={<AccountMenu session={session} as="face" />}
      accountTab={<AccountMenu session={session} as="tab" />}
    />
  );
  return (
    <SessionContext value={session}>
      <RouterProvider navigate={(path) => void navigate({ to: path })}>
        <AppShell
          rail={rail}
          banners={
            <>
              <OfflineBanner isOffline={!online} text={offlineText} />
              {notices}
            </>
          }
        >
          {children}
        </AppShell>
      </RouterProvider>
    </SessionContext>
  );
}

function useServiceLink({ services }: Session) {
  const language = useLanguage();
  return (to: ServiceName, from: Props["service"]) =>
    to === (from === "people" ? "portal" : from) ? "/" : carryAppearance(`${services[to]}/`, language);
}

function useRailItems(session: Session, service: Props["service"], unread = 0): RailItem[] {
  const t = useUiText();
  const link = useServiceLink(session);
  const items: RailItem[] = [
    { id: "portal", label: t.home, icon: House, href: link("portal", service), isCurrent: service === "portal" },
    {
      id: "mail",
      label: t.mail,
      icon: Mail,
      href: link("mail", service),
      isCurrent: service === "mail",
      news: unread > 0 ? t.unread(unread) : undefined,
    },
    { id: "drive", label: t.drive, icon: Folder, href: link("drive", service), isCurrent: service === "drive" },
  ];
  if (session.roles.includes("member_admin")) {
    const href = service === "portal" || service === "people" ? "/people" : `${session.services.portal}/people`;
    items.push({ id: "people", label: t.people, icon: Landmark, href, isCurrent: service === "people" });
  }
  return items;
}
