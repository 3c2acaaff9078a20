import type { ReactNode } from "react";
import { useMailText } from "../i18n/mail.ts";
import { Workspace } from "../ui/app-shell.tsx";
import { useCompose } from "./composer/composer-context.ts";
import { MailNav } from "./navigation/mail-nav.tsx";
import { useMailView } from "./view.ts";

/** What the pages beside the mailboxes stand in: the same navigation, nothing of it open. */
export function MailFrame({ head, children }: { head: ReactNode; children: ReactNode }) {
  const t = useMailText();
  const compose = useCompose();
  const view = useMailView();
  return (
    <Workspace
      head={head}
      nav={
        <MailNav
          view={{ ...view, mailbox: undefined }}
          onWrite={() => compose({ kind: "new", accountId: view.account.id })}
        />
      }
      navLabel={t.mailboxes}
    >
      {children}
    </Workspace>
  );
}
