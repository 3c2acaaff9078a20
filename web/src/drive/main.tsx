import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  RouterProvider,
  useParams,
  useSearch,
} from "@tanstack/react-router";
import { useDriveText } from "../i18n/drive.ts";
import { NotFoundPage } from "../shell/not-found-page.tsx";
import { SignedIn } from "../shell/signed-in.tsx";
import { start } from "../shell/start.tsx";
import { CrashPage } from "../ui/error-boundary.tsx";
import { DriveFrame } from "./drive-frame.tsx";
import { FolderPage, OwnRootPage } from "./folder-page.tsx";
import { PauseBanner } from "./recovery/pause-banner.tsx";

const rootRoute = createRootRoute({
  component: function Root() {
    const t = useDriveText();
    return (
      <SignedIn service="drive" offlineText={t.offline} notices={<PauseBanner />}>
        <DriveFrame>
          <Outlet />
        </DriveFrame>
      </SignedIn>
    );
  },
  notFoundComponent: NotFoundPage,
  errorComponent: CrashPage,
});

/** `?node=` of an address that another service gives: what to show chosen in the folder. */
function readNode(search: Record<string, unknown>): { node?: string } {
  return typeof search["node"] === "string" ? { node: search["node"] } : {};
}

const page = (path: string, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({ getParentRoute: () => rootRoute, path, component });

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  validateSearch: readNode,
  component: function Home() {
    return <OwnRootPage node={readNode(useSearch({ strict: false })).node} />;
  },
});

const folderRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/folder/$id",
  validateSearch: readNode,
  component: function Folder() {
    const { id = "" } = useParams({ strict: false }) as { id?: string };
    return <FolderPage key={id} id={id} node={readNode(useSearch({ strict: false })).node} />;
  },
});

const fileRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/file/$id",
  component: function File() {
    const { id = "" } = useParams({ strict: false }) as { id?: string };
    return <ViewerPage key={id} id={id} />;
  },
});
const ViewerPage = lazyRouteComponent(() => import("./viewer/viewer-page.tsx"), "ViewerPage");

const recentRoute = page(
  "/recent",
  lazyRouteComponent(() => import("./recent-page.tsx"), "RecentPage"),
);
const sharedRoute = page(
  "/shared",
  lazyRouteComponent(() => import("./sharing/shared-page.tsx"), "SharedPage"),
);
const organizationSharedRoute = page(
  "/shared/organization",
  lazyRouteComponent(() => import("./sharing/organization-page.tsx"), "OrganizationPage"),
);
const pausesRoute = page(
  "/pauses",
  lazyRouteComponent(() => import("./recovery/pauses-page.tsx"), "PausesPage"),
);
const trashRoute = page(
  "/trash",
  lazyRouteComponent(() => import("./trash-page.tsx"), "TrashPage"),
);

const router = createRouter({
  routeTree: rootRoute.addChildren([
    homeRoute,
    folderRoute,
    fileRoute,
    recentRoute,
    sharedRoute,
    organizationSharedRoute,
    pausesRoute,
    trashRoute,
  ]),
});

start(<RouterProvider router={router} />);
