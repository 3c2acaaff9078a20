import type { Command } from "./command.ts";
import { deleteAcl, getAcl, listRights, myRights, setAcl } from "./commands/acl.ts";
import { append } from "./commands/append.ts";
import { authenticate } from "./commands/authenticate.ts";
import { capability } from "./commands/capability.ts";
import { close } from "./commands/close.ts";
import { compress } from "./commands/compress.ts";
import { copy } from "./commands/copy.ts";
import { create } from "./commands/create.ts";
import { deleteCommand } from "./commands/delete.ts";
import { enable } from "./commands/enable.ts";
import { expunge } from "./commands/expunge.ts";
import { fetch, uidFetch } from "./commands/fetch.ts";
import { getQuota, getQuotaRoot, setQuota } from "./commands/get-quota.ts";
import { id } from "./commands/id.ts";
import { idle } from "./commands/idle.ts";
import { list, lsub } from "./commands/list.ts";
import { login } from "./commands/login.ts";
import { logout } from "./commands/logout.ts";
import { getMetadata, setMetadata } from "./commands/metadata.ts";
import { move } from "./commands/move.ts";
import { namespace } from "./commands/namespace.ts";
import { check, noop } from "./commands/noop.ts";
import { notify } from "./commands/notify.ts";
import { rename } from "./commands/rename.ts";
import { replace } from "./commands/replace.ts";
import { search, uidSearch } from "./commands/search.ts";
import { select } from "./commands/select.ts";
import { sort, uidSort } from "./commands/sort.ts";
import { starttls } from "./commands/starttls.ts";
import { status } from "./commands/status.ts";
import { store, uidStore } from "./commands/store.ts";
import { subscribe } from "./commands/subscribe.ts";
import { thread, uidThread } from "./commands/thread.ts";
import { unauthenticate } from "./commands/unauthenticate.ts";
import { unselect } from "./commands/unselect.ts";

const COMMANDS = new Map<string, Command>([
  ["CAPABILITY", capability],
  ["NOOP", noop],
  ["LOGOUT", logout],
  ["ID", id],
  ["STARTTLS", starttls],
  ["AUTHENTICATE", authenticate],
  ["LOGIN", login],
  ["UNAUTHENTICATE", unauthenticate],
  ["COMPRESS", compress],
  ["ENABLE", enable],
  ["SELECT", select],
  ["EXAMINE", select],
  ["CREATE", create],
  ["DELETE", deleteCommand],
  ["RENAME", rename],
  ["SUBSCRIBE", subscribe],
  ["UNSUBSCRIBE", subscribe],
  ["LIST", list],
  ["LSUB", lsub],
  ["NAMESPACE", namespace],
  ["STATUS", status],
  ["APPEND", append],
  ["REPLACE", replace],
  ["UID REPLACE", replace],
  ["IDLE", idle],
  ["GETQUOTA", getQuota],
  ["GETQUOTAROOT", getQuotaRoot],
  ["SETQUOTA", setQuota],
  ["GETACL", getAcl],
  ["SETACL", setAcl],
  ["DELETEACL", deleteAcl],
  ["LISTRIGHTS", listRights],
  ["MYRIGHTS", myRights],
  ["GETMETADATA", getMetadata],
  ["SETMETADATA", setMetadata],
  ["NOTIFY", notify],
  ["CHECK", check],
  ["CLOSE", close],
  ["UNSELECT", unselect],
  ["EXPUNGE", expunge],
  ["UID EXPUNGE", expunge],
  ["SEARCH", search],
  ["UID SEARCH", uidSearch],
  ["SORT", sort],
  ["UID SORT", uidSort],
  ["THREAD", thread],
  ["UID THREAD", uidThread],
  ["FETCH", fetch],
  ["UID FETCH", uidFetch],
  ["STORE", store],
  ["UID STORE", uidStore],
  ["COPY", copy],
  ["UID COPY", copy],
  ["MOVE", move],
  ["UID MOVE", move],
]);

/** The command of a verb in upper case. */
export function findCommand(verb: string): Command | undefined {
  return COMMANDS.get(verb);
}
