import { useQuery } from "@tanstack/react-query";
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  RouterProvider,
  useLocation,
} from "@tanstack/react-router";
import { NotFoundPage } from "../shell/not-found-page.tsx";
import { SignedIn } from "../shell/signed-in.tsx";
import { start } from "../shell/start.tsx";
import { CrashPage } from "../ui/error-boundary.tsx";
import { homeQuery } from "./home-query.ts";

const rootRoute = createRootRoute({ notFoundComponent: NotFoundPage, errorComponent: CrashPage });

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  component: lazyRouteComponent(() => import("../sign-in/sign-in-page.tsx"), "SignInPage"),
});

const resetRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/reset/$token",
  component: function Reset() {
    return <ResetPage token={useLocation().pathname.slice("/reset/".length)} />;
  },
});
const ResetPage = lazyRouteComponent(() => import("../sign-in/reset-page.tsx"), "ResetPage");

const connectDeviceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/connect-device",
  component: function ConnectDevice() {
    return (
      <ConnectDevicePage
        token={undefined}
        name={new URLSearchParams(window.location.search).get("name") ?? undefined}
      />
    );
  },
});
const connectWaitingDeviceRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/connect-device/$token",
  component: function ConnectWaitingDevice() {
    return <ConnectDevicePage token={useLocation().pathname.slice("/connect-device/".length)} name={undefined} />;
  },
});
const ConnectDevicePage = lazyRouteComponent(() => import("../sign-in/connect-device-page.tsx"), "ConnectDevicePage");

const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "signed-in",
  component: function SignedInFrame() {
    const isPeople = useLocation().pathname.startsWith("/people");
    // The rail shows what the home page has read; it does not ask by itself.
    const { data: home } = useQuery({ ...homeQuery, enabled: false });
    return (
      <SignedIn service={isPeople ? "people" : "portal"} unread={home?.mail?.unread}>
        <Outlet />
      </SignedIn>
    );
  },
});

const homeRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/",
  component: lazyRouteComponent(() => import("./home-page.tsx"), "HomePage"),
});

const profileRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/profile",
  component: lazyRouteComponent(() => import("./profile-page.tsx"), "ProfilePage"),
});

const securityRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/security",
  component: lazyRouteComponent(() => import("./security-page.tsx"), "SecurityPage"),
});

const peopleRoute = createRoute({
  getParentRoute: () => signedInRoute,
  path: "/people",
  component: lazyRouteComponent(() => import("./people-page.tsx"), "PeoplePage"),
});

const router = createRouter({
  routeTree: rootRoute.addChildren([
    signInRoute,
    resetRoute,
    connectDeviceRoute,
    connectWaitingDeviceRoute,
    signedInRoute.addChildren([homeRoute, profileRoute, securityRoute, peopleRoute]),
  ]),
  defaultPreload: "intent",
});

start(<RouterProvider router={router} />);
