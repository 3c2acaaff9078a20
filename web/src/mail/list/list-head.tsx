import type { Mailbox } from "@bouquet/contract/jmap-mail.ts";
import {
  Archive,
  Ellipsis,
  FolderInput,
  FolderPlus,
  MailOpen,
  PenLine,
  RefreshCw,
  RotateCcw,
  ShieldAlert,
  Star,
  Trash2,
  Users,
  X,
} from "lucide-react";
import { useState } from "react";
import { useMailText } from "../../i18n/mail.ts";
import { useMailRecoveryText } from "../../i18n/mail-recovery.ts";
import { useMailSharingText } from "../../i18n/mail-sharing.ts";
import { IconButton } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { Checkbox } from "../../ui/field.tsx";
import { MenuButton, MenuEntry } from "../../ui/menu.tsx";
import { SegmentedControl } from "../../ui/segmented.tsx";
import { toastProblem } from "../../ui/toast.tsx";
import { MoveDialog } from "../actions/move-dialog.tsx";
import type { ThreadActions } from "../actions/thread-actions.ts";
import type { ListItem } from "../jmap/account-cache.ts";
import { call, requireAllSet } from "../jmap/client.ts";
import { DeleteFolderDialog, FolderNameDialog } from "../navigation/folder-dialogs.tsx";
import { RecoveryHint, recoveryHref } from "../recovery/recovery-hint.tsx";
import { MailboxSharing } from "../sharing/mailbox-sharing.tsx";
import { maySeeSharing } from "../sharing/sharing-queries.ts";
import type { MailView } from "../view.ts";
import type { useViewList } from "./message-list.tsx";

interface Props {
  readonly view: MailView;
  readonly title: string;
  readonly list: ReturnType<typeof useViewList>;
  readonly selected: readonly ListItem[];
  readonly actions: ThreadActions;
  readonly onSelectAll: (isSelected: boolean) => void;
  readonly onDone: () => void;
  readonly onDestroy: (items: readonly ListItem[]) => void;
  readonly onScope: (everywhere: boolean) => void;
  readonly onLeaveSearch: () => void;
  readonly onFolderDeleted: () => void;
}

/** Above the list: what it is and what can be done with it; while something is selected, what can be done with that. */
export function ListHead(props: Props) {
  const { view, selected } = props;
  return (
    <div>
      <div className="lh">
        {selected.length > 0 ? (
          <SelectionHead {...props} />
        ) : view.search !== "" ? (
          <SearchHead {...props} />
        ) : (
          <FolderHead {...props} />
        )}
      </div>
      {view.mailbox?.role === "trash" && view.search === "" && <RecoveryHint account={view.account} />}
    </div>
  );
}

function SelectionHead({ view, list, selected, actions, onSelectAll, onDone, onDestroy }: Props) {
  const t = useMailText();
  const [isMoving, setMoving] = useState(false);
  const isTrash = view.mailbox?.role === "trash";
  const isJunk = view.mailbox?.role === "junk";
  const total = list.data?.items.length ?? 0;
  const anyUnread = selected.some(actions.isUnread);
  const anyFlagged = selected.some(actions.isFlagged);
  const run = (act: (items: readonly ListItem[]) => void) => () => {
    act(selected);
    onDone();
  };
  return (
    <>
      <Checkbox
        hideLabel
        isSelected={selected.length === total}
        isIndeterminate={selected.length < total}
        onChange={onSelectAll}
      >
        {t.selectAll}
      </Checkbox>
      <h2 className="small clip grow" aria-live="polite">
        <span aria-hidden="true">{selected.length}</span>
        <span className="vh">{t.selected(selected.length)}</span>
      </h2>
      {!isTrash && <IconButton size="sm" label={t.archive} icon={Archive} onPress={run(actions.archive)} />}
      <IconButton
        size="sm"
        label={isTrash ? t.deleteForever : t.toTrash}
        icon={Trash2}
        onPress={isTrash ? () => onDestroy(selected) : run(actions.trash)}
      />
      <IconButton
        size="sm"
        label={anyUnread ? t.markRead : t.markUnread}
        icon={MailOpen}
        onPress={run(anyUnread ? actions.markRead : actions.markUnread)}
      />
      <MenuButton label={t.otherActions} trigger={<IconButton size="sm" label={t.otherActions} icon={Ellipsis} />}>
        <MenuEntry icon={FolderInput} onAction={() => setMoving(true)}>
          {t.move}
        </MenuEntry>
        <MenuEntry icon={Star} onAction={run((items) => actions.flag(items, !anyFlagged))}>
          {anyFlagged ? t.unflag : t.flag}
        </MenuEntry>
        <MenuEntry icon={ShieldAlert} onAction={run(isJunk ? actions.notJunk : actions.junk)}>
          {isJunk ? t.notJunk : t.junk}
        </MenuEntry>
      </MenuButton>
      <IconButton size="sm" label={t.clearSelection} icon={X} onPress={onDone} />
      <MoveDialog
        view={view}
        isOpen={isMoving}
        onClose={() => setMoving(false)}
        onMove={(target: Mailbox) => run((items) => actions.move(items, target))()}
      />
    </>
  );
}

function SearchHead({ view, list, onScope, onLeaveSearch, title }: Props) {
  const t = useMailText();
  return (
    <div className="stack grow">
      <div className="row">
        <h2 className="grow clip" aria-live="polite">
          {list.data ? t.results(list.data.total) : t.messages}
        </h2>
        <IconButton size="sm" label={t.leaveSearch} icon={X} onPress={onLeaveSearch} />
      </div>
      <SegmentedControl
        label={t.whereToSearch}
        segments={[
          { id: "here", label: title },
          { id: "all", label: t.everywhere },
        ]}
        value={view.everywhere ? "all" : "here"}
        onChange={(where) => onScope(where === "all")}
      />
    </div>
  );
}

function FolderHead({ view, title, list, onFolderDeleted }: Props) {
  const t = useMailText();
  const sharing = useMailSharingText();
  const recovery = useMailRecoveryText();
  const [dialog, setDialog] = useState<"rename" | "new" | "delete" | "empty" | "share" | null>(null);
  const [isEmptying, setEmptying] = useState(false);
  const { mailbox } = view;
  const close = () => setDialog(null);
  const isOwnFolder = mailbox?.role === null;
  const isEmptiable = (mailbox?.role === "trash" || mailbox?.role === "junk") && mailbox.totalEmails > 0;
  const mayShare = mailbox !== undefined && maySeeSharing(view.account, mailbox);
  const mayRestore = !view.account.isReadOnly;
  const hasMenu = mayShare || mayRestore;
  const empty = async () => {
    if (!mailbox) return;
    setEmptying(true);
    try {
      await emptyMailbox(view.account.id, mailbox.id);
      await list.refetch();
    } catch {
      toastProblem(t.actionFailed);
    } finally {
      setEmptying(false);
      close();
    }
  };
  return (
    <>
      <h2 className="grow clip">{title}</h2>
      <IconButton
        size="sm"
        label={t.refresh}
        icon={RefreshCw}
        isPending={list.isRefetching}
        onPress={() => void list.refetch()}
      />
      {hasMenu && (
        <MenuButton label={t.folderActions} trigger={<IconButton size="sm" label={t.folderActions} icon={Ellipsis} />}>
          {mayShare && (
            <MenuEntry icon={Users} onAction={() => setDialog("share")}>
              {isOwnFolder ? sharing.share : sharing.shareMailbox}
            </MenuEntry>
          )}
          {isOwnFolder && !view.account.isReadOnly && (
            <>
              <MenuEntry icon={PenLine} onAction={() => setDialog("rename")}>
                {t.rename}
              </MenuEntry>
              <MenuEntry icon={FolderPlus} onAction={() => setDialog("new")}>
                {t.newSubfolder}
              </MenuEntry>
              <MenuEntry icon={Trash2} isDanger onAction={() => setDialog("delete")}>
                {t.deleteFolder}
              </MenuEntry>
            </>
          )}
          {mayRestore && (
            <MenuEntry icon={RotateCcw} href={recoveryHref(view.account)}>
              {recovery.toRecovery}
            </MenuEntry>
          )}
          {isEmptiable && !view.account.isReadOnly && (
            <MenuEntry icon={Trash2} isDanger onAction={() => setDialog("empty")}>
              {mailbox.role === "trash" ? t.emptyTrash : t.emptyJunk}
            </MenuEntry>
          )}
        </MenuButton>
      )}
      {mailbox && mayShare && (
        <MailboxSharing isOpen={dialog === "share"} onClose={close} account={view.account} mailbox={mailbox} />
      )}
      {mailbox && isOwnFolder && (
        <>
          <FolderNameDialog isOpen={dialog === "rename"} onClose={close} view={view} mailbox={mailbox} />
          <FolderNameDialog isOpen={dialog === "new"} onClose={close} view={view} parent={mailbox} />
          <DeleteFolderDialog
            isOpen={dialog === "delete"}
            onClose={close}
            view={view}
            mailbox={mailbox}
            onDeleted={onFolderDeleted}
          />
        </>
      )}
      <Confirm
        isOpen={dialog === "empty"}
        onClose={close}
        title={mailbox?.role === "trash" ? t.emptyTrashTitle : t.emptyJunkTitle}
        text={t.destroyText}
        confirm={t.destroy}
        keep={t.keep}
        isPending={isEmptying}
        onConfirm={() => void empty()}
      />
    </>
  );
}

async function emptyMailbox(accountId: string, mailboxId: string): Promise<void> {
  for (let round = 0; round < 1000; round += 1) {
    const { ids } = await call("Email/query", { accountId, filter: { inMailbox: mailboxId }, limit: 400 });
    if (ids.length === 0) return;
    requireAllSet(await call("Email/set", { accountId, destroy: ids }));
  }
}
