import type { Mailbox } from "@bouquet/contract/jmap-mail.ts";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FolderPlus, Landmark, PenLine, Settings2 } from "lucide-react";
import { useState } from "react";
import { useMailText } from "../../i18n/mail.ts";
import { useMailSettingsText } from "../../i18n/mail-settings.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { QuotaBar } from "../../ui/marks.tsx";
import { identitiesQuery, type MailAccount, useJmap, useMailboxes, useQuota } from "../jmap/accounts.ts";
import { addressOf, type MailView } from "../view.ts";
import { FolderNameDialog } from "./folder-dialogs.tsx";
import { mailboxIcon, useMailboxName } from "./mailbox-name.ts";
import { arrangeMailboxes } from "./mailbox-tree.ts";
import { WaitingLinks } from "./waiting-links.tsx";

/** The column at the left: own mailboxes, shared ones with the mailboxes of the one that is open, folders, space. */
export function MailNav({ view, onWrite }: { view: MailView; onWrite: () => void }) {
  const t = useMailText();
  const { accounts, own } = useJmap();
  const shared = accounts.filter((account) => !account.isOwn);
  const [creating, setCreating] = useState(false);
  const { data: ofOwn = [] } = useMailboxes(own.id);
  const { folders } = arrangeMailboxes(view.mailboxes);
  return (
    <>
      <Button variant="primary" icon={PenLine} className="write" onPress={onWrite}>
        {t.write}
      </Button>
      {arrangeMailboxes(ofOwn).roles.map((mailbox) => (
        <MailboxLink key={mailbox.id} account={own} mailbox={mailbox} view={view} />
      ))}
      <WaitingLinks />
      {shared.length > 0 && (
        <>
          <h2>{t.shared}</h2>
          {shared.map((account) => (
            <SharedAccount key={account.id} account={account} view={view} />
          ))}
        </>
      )}
      {!view.account.isReadOnly && (
        <div className="nav-title">
          <h2>{t.folders}</h2>
          <IconButton size="sm" label={t.newFolder} icon={FolderPlus} onPress={() => setCreating(true)} />
        </div>
      )}
      {folders.map(({ mailbox, depth }) => (
        <MailboxLink key={mailbox.id} account={view.account} mailbox={mailbox} view={view} depth={depth} />
      ))}
      <SettingsLink account={view.account} />
      <Space account={view.account} />
      <FolderNameDialog isOpen={creating} onClose={() => setCreating(false)} view={view} parent={null} />
    </>
  );
}

function SharedAccount({ account, view }: { account: MailAccount; view: MailView }) {
  const { data: mailboxes = [] } = useMailboxes(account.id);
  const { data: identities } = useQuery(identitiesQuery(account.id));
  const isOpen = view.account.id === account.id;
  const inbox = mailboxes.find((mailbox) => mailbox.role === "inbox");
  const address = identities?.[0]?.email;
  const label = address ? address.slice(0, address.indexOf("@") + 1) : account.name;
  if (!isOpen) {
    return (
      <Link to="/$account/$mailbox" params={{ account: account.id, mailbox: "inbox" }} search={{}}>
        <Icon of={Landmark} />
        <span className="clip" title={account.name}>
          {label}
        </span>
        {inbox && <Count mailbox={inbox} />}
      </Link>
    );
  }
  const [first, ...others] = arrangeMailboxes(mailboxes).roles;
  return (
    <>
      {first && <MailboxLink account={account} mailbox={first} view={view} label={label} icon={Landmark} />}
      {others.map((mailbox) => (
        <MailboxLink key={mailbox.id} account={account} mailbox={mailbox} view={view} depth={1} />
      ))}
    </>
  );
}

interface LinkProps {
  readonly account: MailAccount;
  readonly mailbox: Mailbox;
  readonly view: MailView;
  readonly depth?: number;
  readonly label?: string;
  readonly icon?: typeof Landmark;
}

function MailboxLink({ account, mailbox, view, depth = 0, label, icon }: LinkProps) {
  const nameOf = useMailboxName();
  const isHere = view.mailbox?.id === mailbox.id && !(view.search !== "" && view.everywhere);
  return (
    <Link
      to="/$account/$mailbox"
      params={addressOf(account, mailbox)}
      search={{}}
      // The router's own mark would also be set on the mailbox of an open search.
      activeProps={{ "aria-current": isHere ? "page" : undefined }}
      aria-current={isHere ? "page" : undefined}
      style={depth > 0 ? { paddingLeft: 12 + Math.min(depth, 6) * 18 } : undefined}
    >
      <Icon of={icon ?? mailboxIcon(mailbox)} />
      <span className="clip">{label ?? nameOf(mailbox)}</span>
      <Count mailbox={mailbox} />
    </Link>
  );
}

function Count({ mailbox }: { mailbox: Mailbox }) {
  const t = useMailText();
  const isDrafts = mailbox.role === "drafts";
  const count = isDrafts ? mailbox.totalEmails : mailbox.unreadEmails;
  if (count === 0 || mailbox.role === "sent" || mailbox.role === "trash") return null;
  const isNew = mailbox.role === "inbox";
  return (
    <>
      <span className={isNew ? "n new" : "n"} aria-hidden="true">
        {count > 9999 ? "9999+" : count}
      </span>
      <span className="vh">, {isDrafts ? t.draftsHere(count) : t.unreadHere(count)}</span>
    </>
  );
}

function SettingsLink({ account }: { account: MailAccount }) {
  const t = useMailSettingsText();
  return (
    <Link
      className="to-settings"
      to="/settings/$section"
      params={{ section: "filters" }}
      search={account.isOwn || account.isReadOnly ? {} : { account: account.id }}
    >
      <Icon of={Settings2} />
      {t.title}
    </Link>
  );
}

function Space({ account }: { account: MailAccount }) {
  const { data: quota } = useQuota(account.id);
  if (!quota) return null;
  return (
    <div className="foot">
      <QuotaBar used={quota.used} limit={quota.hardLimit} />
    </div>
  );
}
