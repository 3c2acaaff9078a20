import type { Mailbox } from "@bouquet/contract/jmap-mail.ts";
import { useState } from "react";
import { useErrorText } from "../../api/error-text.ts";
import { useMailText } from "../../i18n/mail.ts";
import { useUiText } from "../../i18n/ui.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm, Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { toast, toastProblem } from "../../ui/toast.tsx";
import { keys } from "../jmap/account-cache.ts";
import { useCache } from "../jmap/accounts.ts";
import { call, JmapError, requireAllSet } from "../jmap/client.ts";
import type { MailView } from "../view.ts";

interface Props {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly view: MailView;
}

/** Names a new folder under `parent`, or renames `mailbox`. */
export function FolderNameDialog({ isOpen, onClose, ...rest }: Props & { parent?: Mailbox | null; mailbox?: Mailbox }) {
  const t = useMailText();
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={rest.mailbox ? t.renameFolder : t.newFolder}>
      <FolderNameForm onClose={onClose} {...rest} />
    </Dialog>
  );
}

function FolderNameForm({
  onClose,
  view,
  parent = null,
  mailbox,
}: Omit<Props, "isOpen"> & { parent?: Mailbox | null; mailbox?: Mailbox }) {
  const t = useMailText();
  const ui = useUiText();
  const errorText = useErrorText();
  const cache = useCache(view.account.id);
  const [name, setName] = useState(mailbox?.name ?? "");
  const [error, setError] = useState<string | null>(null);
  const [isWorking, setWorking] = useState(false);

  const save = async () => {
    const wanted = name.trim();
    if (wanted === "") return setError(t.folderNameNeeded);
    setWorking(true);
    try {
      const accountId = view.account.id;
      const done = mailbox
        ? await call("Mailbox/set", { accountId, update: { [mailbox.id]: { name: wanted } } })
        : await call("Mailbox/set", { accountId, create: { new: { name: wanted, parentId: parent?.id ?? null } } });
      requireAllSet(done);
      await cache.queries.invalidateQueries({ queryKey: keys.mailboxes(accountId) });
      if (!mailbox) toast(t.folderCreated(wanted));
      onClose();
    } catch (problem) {
      const isNameTaken =
        problem instanceof JmapError && (problem.type === "invalidProperties" || problem.type === "alreadyExists");
      setError(isNameTaken ? t.folderExists : errorText(problem));
    } finally {
      setWorking(false);
    }
  };

  return (
    <form
      className="stack stack-4"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <TextField label={t.folderName} value={name} onChange={setName} error={error} maxLength={200} autoFocus />
      <div className="acts">
        <Button onPress={onClose}>{ui.cancel}</Button>
        <Button variant="primary" type="submit" isPending={isWorking}>
          {mailbox ? t.rename : t.create}
        </Button>
      </div>
    </form>
  );
}

/** Asks before a folder goes: its messages move to the trash first. */
export function DeleteFolderDialog({
  isOpen,
  onClose,
  view,
  mailbox,
  onDeleted,
}: Props & { mailbox: Mailbox; onDeleted: () => void }) {
  const t = useMailText();
  const errorText = useErrorText();
  const cache = useCache(view.account.id);
  const [isWorking, setWorking] = useState(false);
  const remove = async () => {
    setWorking(true);
    try {
      await deleteFolder(view, mailbox);
      await cache.queries.invalidateQueries({ queryKey: keys.mailboxes(view.account.id) });
      toast(t.folderDeleted(mailbox.name));
      onDeleted();
    } catch (error) {
      const hasChild = error instanceof JmapError && error.type === "mailboxHasChild";
      toastProblem(hasChild ? t.folderHasChildren : errorText(error));
    } finally {
      setWorking(false);
      onClose();
    }
  };
  return (
    <Confirm
      isOpen={isOpen}
      onClose={onClose}
      title={t.deleteFolderTitle(mailbox.name)}
      text={t.deleteFolderText(mailbox.totalEmails)}
      confirm={t.destroy}
      keep={t.keep}
      isPending={isWorking}
      onConfirm={() => void remove()}
    />
  );
}

/** Puts the messages of a folder in the trash, then removes the folder, which is empty then unless something just came. */
async function deleteFolder(view: MailView, mailbox: Mailbox): Promise<void> {
  const accountId = view.account.id;
  if (view.mailboxes.some((each) => each.parentId === mailbox.id)) throw new JmapError({ type: "mailboxHasChild" });
  const trash = view.mailboxes.find((each) => each.role === "trash");
  if (!trash) throw new JmapError({ type: "serverFail" });
  for (let round = 0; round < 1000; round += 1) {
    const { ids } = await call("Email/query", { accountId, filter: { inMailbox: mailbox.id }, limit: 400 });
    if (ids.length === 0) break;
    const patch = { [`mailboxIds/${mailbox.id}`]: null, [`mailboxIds/${trash.id}`]: true };
    const update = Object.fromEntries(ids.map((id) => [id, patch]));
    requireAllSet(await call("Email/set", { accountId, update }));
  }
  requireAllSet(await call("Mailbox/set", { accountId, destroy: [mailbox.id] }));
}
