import { useQuery } from "@tanstack/react-query";
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  RouterProvider,
} from "@tanstack/react-router";
import { useUiText } from "../i18n/ui.ts";
import { NotFoundPage } from "../shell/not-found-page.tsx";
import { SignedIn } from "../shell/signed-in.tsx";
import { start } from "../shell/start.tsx";
import { CrashPage } from "../ui/error-boundary.tsx";
import { keys } from "./jmap/account-cache.ts";
import { describeSession, useJmapSessionQuery } from "./jmap/accounts.ts";
import { MailPage } from "./mail-page.tsx";
import { MailScreen } from "./mail-screen.tsx";
import { readRecoverySearch } from "./recovery/recovery-search.ts";
import { AbsenceBanner } from "./settings/absence-banner.tsx";
import { readSettingsSearch } from "./settings/sections.ts";
import { readMailSearch } from "./view.ts";

const rootRoute = createRootRoute({
  component: function Root() {
    const t = useUiText();
    return (
      <SignedIn service="mail" unread={useUnread()} offlineText={t.offlineMail} notices={<AbsenceBanner />}>
        <Outlet />
      </SignedIn>
    );
  },
  notFoundComponent: NotFoundPage,
  errorComponent: CrashPage,
});

/** Unread messages of the person's own inbox, as far as the page has read them. */
function useUnread(): number | undefined {
  const session = useJmapSessionQuery({ enabled: false }).data;
  const own = session && describeSession(session)?.own.id;
  const { data } = useQuery<{ role: string | null; unreadEmails: number }[]>({
    queryKey: keys.mailboxes(own ?? ""),
    enabled: false,
  });
  return data?.find((mailbox) => mailbox.role === "inbox")?.unreadEmails;
}

/* What every page of the webmail stands in; the composer stays while pages come and go. */
const mailRoute = createRoute({ getParentRoute: () => rootRoute, id: "mail", component: MailPage });

/* One component for all addresses: the panes stay while conversations come and go. */
const screenRoute = createRoute({
  getParentRoute: () => mailRoute,
  id: "screen",
  component: MailScreen,
  validateSearch: readMailSearch,
});
const inboxRoute = createRoute({ getParentRoute: () => screenRoute, path: "/" });
const mailboxRoute = createRoute({ getParentRoute: () => screenRoute, path: "/$account/$mailbox" });
const threadRoute = createRoute({ getParentRoute: () => screenRoute, path: "/$account/$mailbox/$thread" });

const recoveryRoute = createRoute({
  getParentRoute: () => mailRoute,
  path: "/recovery",
  validateSearch: readRecoverySearch,
  component: lazyRouteComponent(() => import("./recovery/recovery-page.tsx"), "RecoveryPage"),
});
const moderationRoute = createRoute({
  getParentRoute: () => mailRoute,
  path: "/moderation",
  component: lazyRouteComponent(() => import("./moderation/moderation-page.tsx"), "ModerationPage"),
});
const scheduledRoute = createRoute({
  getParentRoute: () => mailRoute,
  path: "/scheduled",
  component: lazyRouteComponent(() => import("./scheduled/scheduled-page.tsx"), "ScheduledPage"),
});

const settingsRoute = createRoute({
  getParentRoute: () => mailRoute,
  path: "/settings/$section",
  validateSearch: readSettingsSearch,
  component: lazyRouteComponent(() => import("./settings/settings-page.tsx"), "SettingsPage"),
});

const router = createRouter({
  routeTree: rootRoute.addChildren([
    mailRoute.addChildren([
      screenRoute.addChildren([inboxRoute, mailboxRoute, threadRoute]),
      recoveryRoute,
      moderationRoute,
      scheduledRoute,
      settingsRoute,
    ]),
  ]),
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

start(<RouterProvider router={router} />);
