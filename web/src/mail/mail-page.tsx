import "./mail.css";
import "./mail-frame.css";
import "./reading/reading.css";
import { Outlet } from "@tanstack/react-router";
import { useState } from "react";
import { useErrorText } from "../api/error-text.ts";
import { useMailText } from "../i18n/mail.ts";
import { useUiText } from "../i18n/ui.ts";
import { useTitle } from "../shell/title.ts";
import { Workspace } from "../ui/app-shell.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Banner, SkeletonRows } from "../ui/feedback.tsx";
import { SearchField } from "../ui/field.tsx";
import { ComposerHost } from "./composer/composer-host.tsx";
import { describeSession, JmapContext, useJmapSessionQuery } from "./jmap/accounts.ts";
import { useLiveMail } from "./use-live-mail.ts";

/** The webmail: reads the JMAP session, then the page that the address names. */
export function MailPage() {
  const t = useMailText();
  const ui = useUiText();
  const errorText = useErrorText();
  const { data: session, error, refetch } = useJmapSessionQuery();
  const [jmap, setJmap] = useState<ReturnType<typeof describeSession>>();
  useTitle(t.title);
  if (session && jmap?.session !== session) {
    const described = describeSession(session);
    if (described) setJmap(described);
    else {
      return (
        <div className="trouble">
          <EmptyState drawing="mailbox" level={2} title={t.noAccountTitle}>
            {t.noAccountText}
          </EmptyState>
        </div>
      );
    }
  }
  if (jmap) {
    return (
      <JmapContext value={jmap}>
        <ComposerHost>
          <LiveMail />
          <Outlet />
        </ComposerHost>
      </JmapContext>
    );
  }
  return (
    <Workspace head={<SearchField label={t.search} value="" onChange={() => undefined} />} nav={<span />}>
      <div className="sheet mailsheet">
        <section className="list" aria-label={t.messages}>
          <div className="lh" />
          {error ? (
            <div style={{ padding: 16 }}>
              <Banner tone="warn" action={{ label: ui.retry, run: () => void refetch() }}>
                {errorText(error)}
              </Banner>
            </div>
          ) : (
            <SkeletonRows count={7} />
          )}
        </section>
      </div>
    </Workspace>
  );
}

/** Draws nothing: what it says must not redraw the screen. */
function LiveMail() {
  useLiveMail();
  return null;
}
