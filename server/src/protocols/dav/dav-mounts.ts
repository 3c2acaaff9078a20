import { withLockTokens } from "../../domain/drive/locks/with-lock-tokens.ts";
import { openDrive } from "../../domain/drive/open-drive.ts";
import { normalizeLogin } from "../../domain/identity/verify-credentials.ts";
import type { DavContext, DavMount } from "./dav-context.ts";
import type { FileTreeDeps } from "./files/file-space.ts";
import { FileTree } from "./files/file-tree.ts";
import { OwnFileTree } from "./files/own-file-tree.ts";
import { PrincipalTree } from "./principal-tree.ts";

/** The drive of a session, once for a request however many trees look at it. */
export function openSessionDrive(deps: FileTreeDeps, context: DavContext): ReturnType<typeof openDrive> {
  const { viewer, device } = context.session;
  const known = drives.get(context);
  if (known) return known;
  const opened = openDrive(deps, viewer, device).then((drive) => withLockTokens(drive, context.lockTokens));
  drives.set(context, opened);
  return opened;
}

const drives = new WeakMap<DavContext, ReturnType<typeof openDrive>>();

/** A person's own trees are named by their uid; whoever typed the address by hand wrote the name they sign in with. */
export function isOwnName({ session }: DavContext, name: string | undefined): boolean {
  if (name === undefined) return false;
  return name === session.viewer.uid || normalizeLogin(name) === normalizeLogin(session.login);
}

/** The trees of files, and what stands above them, by the paths of Nextcloud's clients and by ours. */
export function davMounts(deps: FileTreeDeps): DavMount[] {
  const files: DavMount["open"] = async (context, parameters, root, names) => {
    if (parameters.length > 0 && !isOwnName(context, parameters[0])) return undefined;
    const openWhole = async () => new FileTree(deps, await openSessionDrive(deps, context), root);
    return (await OwnFileTree.find(deps, context, root, names, openWhole)) ?? openWhole();
  };
  const above: DavMount["open"] = async ({ session }, _parameters, root) => new PrincipalTree(session.viewer, root);
  return [
    { path: ["remote.php", "webdav"], open: files },
    ...[["remote.php", "dav"], ["dav"]].flatMap((start) => [
      { path: start, open: above },
      { path: [...start, "files", "*"], open: files },
    ]),
  ];
}
