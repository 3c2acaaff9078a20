import "../ui/theme/base.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, StrictMode } from "react";
import { I18nProvider } from "react-aria-components";
import { createRoot } from "react-dom/client";
import { createQueryClient } from "../api/query-client.ts";
import { localeOf } from "../i18n/language.ts";
import { useLanguage } from "../i18n/text.ts";
import { Announcer } from "../ui/announcer.tsx";
import { ErrorBoundary } from "../ui/error-boundary.tsx";
import { Toasts } from "../ui/toast.tsx";

function Frame({ children }: { children: ReactNode }) {
  return (
    <I18nProvider locale={localeOf(useLanguage())}>
      <ErrorBoundary>{children}</ErrorBoundary>
      <Announcer />
      <Toasts />
    </I18nProvider>
  );
}

/** Puts a service on the page: `start(<RouterProvider router={router} />)`. Called once by each `main.tsx`. */
export function start(app: ReactNode): void {
  const place = document.getElementById("root");
  if (!place) throw new Error("The page has no #root");
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={createQueryClient()}>
        <Frame>{app}</Frame>
      </QueryClientProvider>
    </StrictMode>,
  );
}
