import { useQuery } from "@tanstack/react-query";
import { createRootRoute, createRoute, createRouter, Outlet, RouterProvider } from "@tanstack/react-router";
import { useUiText } from "../i18n/ui.ts";
import { NotFoundPage } from "../shell/not-found-page.tsx";
import { SignedIn } from "../shell/signed-in.tsx";
import { start } from "../shell/start.tsx";
import { CrashPage } from "../ui/error-boundary.tsx";
import { keys } from "./jmap/account-cache.ts";
import { describeSession, useJmapSessionQuery } from "./jmap/accounts.ts";
import { MailPage } from "./mail-page.tsx";
import { readMailSearch } from "./view.ts";

const rootRoute = createRootRoute({
  component: function Root() {
    const t = useUiText();
    return (
      <SignedIn service="mail" unread={useUnread()} offlineText={t.offlineMail}>
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

/* One component for all addresses: the panes stay while conversations come and go. */
const mailRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "mail",
  component: MailPage,
  validateSearch: readMailSearch,
});
const inboxRoute = createRoute({ getParentRoute: () => mailRoute, path: "/" });
const mailboxRoute = createRoute({ getParentRoute: () => mailRoute, path: "/$account/$mailbox" });
const threadRoute = createRoute({ getParentRoute: () => mailRoute, path: "/$account/$mailbox/$thread" });

const router = createRouter({
  routeTree: rootRoute.addChildren([mailRoute.addChildren([inboxRoute, mailboxRoute, threadRoute])]),
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

start(<RouterProvider router={router} />);
