import { createRootRoute, createRouter, Outlet, RouterProvider } from "@tanstack/react-router";
import { NotFoundPage } from "../shell/not-found-page.tsx";
import { SignedIn } from "../shell/signed-in.tsx";
import { start } from "../shell/start.tsx";

const rootRoute = createRootRoute({
  component: () => (
    <SignedIn service="drive">
      <Outlet />
    </SignedIn>
  ),
  notFoundComponent: NotFoundPage,
});

const router = createRouter({ routeTree: rootRoute });

start(<RouterProvider router={router} />);
