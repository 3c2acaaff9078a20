import type { Mailbox, MailboxRole } from "@bouquet/contract/jmap-mail.ts";
import type { AccountAccess } from "../../../domain/access/account-access.ts";
import { DomainError } from "../../../domain/errors.ts";
import { createMailbox } from "../../../domain/mail/create-mailbox.ts";
import { deleteMailbox } from "../../../domain/mail/delete-mailbox.ts";
import { listMailboxes } from "../../../domain/mail/list-mailboxes.ts";
import { mailState } from "../../../domain/mail/mail-state.ts";
import type * as model from "../../../domain/mail/model.ts";
import { type MailboxChange, updateMailbox } from "../../../domain/mail/update-mailbox.ts";
import { SetFailure } from "../jmap-errors.ts";
import { rightsOn } from "../mailbox-rights.ts";
import { type CallContext, type Method, resolveId } from "../method.ts";
import { bool, type JsonObject, optional, readArguments } from "../read-arguments.ts";
import { invalidProperties, readSetRequest, requireState, SetReport, setShape } from "../standard-set.ts";

const roles: readonly unknown[] = ["inbox", "drafts", "sent", "junk", "trash", "archive"] satisfies MailboxRole[];
const settable = ["name", "parentId", "role", "sortOrder", "isSubscribed"];

/** RFC 8621 section 2.5. */
export const mailboxSet: Method<"Mailbox/set"> = async (context, given) => {
  const { accountId, ifInState, onDestroyRemoveEmails, ...objects } = readArguments(given, {
    ...setShape,
    onDestroyRemoveEmails: optional(bool),
  });
  const access = await context.accounts.open(accountId, "change");
  const { create, update, destroy } = readSetRequest(context, objects);
  const { mail } = context.deps;
  const oldState = (await mailState(mail.store.read, access)).Mailbox;
  requireState(ifInState, oldState);
  const report = new SetReport<Mailbox>(context);
  report.refuseUpdatesOf(destroy, update);

  for (const [creationId, properties] of inOrderOfParents(create)) {
    await report.create(creationId, () => createOne(context, access, properties));
  }
  if (update.size > 0) {
    const current = new Map((await listMailboxes(mail.store.read, access)).map((each) => [each.id, each]));
    for (const [mailboxId, patch] of update) {
      await report.update(mailboxId, () => updateOne(context, access, current.get(mailboxId), patch));
    }
  }
  for (const mailboxId of await childrenFirst(context, access, destroy)) {
    await report.destroy(mailboxId, () => destroyOne(context, access, mailboxId, onDestroyRemoveEmails ?? false));
  }
  return report.response(accountId, oldState, (await mailState(mail.store.read, access)).Mailbox);
};

/** A parent that is created by the same call comes before its children. */
function inOrderOfParents(create: ReadonlyMap<string, JsonObject>): [string, JsonObject][] {
  const ordered = new Map<string, JsonObject>();
  const visit = (creationId: string, path: ReadonlySet<string>): void => {
    const properties = create.get(creationId);
    if (!properties || ordered.has(creationId) || path.has(creationId)) return;
    const { parentId } = properties;
    if (typeof parentId === "string" && parentId.startsWith("#")) {
      visit(parentId.slice(1), new Set(path).add(creationId));
    }
    ordered.set(creationId, properties);
  };
  for (const creationId of create.keys()) visit(creationId, new Set());
  return [...ordered];
}

async function createOne(context: CallContext, access: AccountAccess, properties: JsonObject) {
  const unknown = Object.keys(properties).filter((name) => !settable.includes(name));
  if (unknown.length > 0) throw invalidProperties(unknown);
  const change = readChange(context, properties);
  if (change.name === undefined) throw invalidProperties(["name"]);
  const mailbox = await named(() =>
    createMailbox(context.deps.mail, access, { ...change, name: change.name!, parentId: change.parentId ?? null }),
  );
  // What the server decided, and what the client left to it.
  return {
    id: mailbox.id,
    name: mailbox.name,
    sortOrder: mailbox.sortOrder,
    isSubscribed: mailbox.isSubscribed,
    totalEmails: 0,
    unreadEmails: 0,
    totalThreads: 0,
    unreadThreads: 0,
    myRights: rightsOn(mailbox, access),
  };
}

async function updateOne(
  context: CallContext,
  access: AccountAccess,
  current: model.Mailbox | undefined,
  patch: JsonObject,
): Promise<Partial<Mailbox> | null> {
  if (!current) throw new SetFailure({ type: "notFound" });
  const unknown = Object.keys(patch).filter((name) => !settable.includes(name));
  if (unknown.length > 0) throw invalidProperties(unknown);
  const { role, ...change } = readChange(context, patch);
  if ("role" in patch && role !== current.role) throw invalidProperties(["role"], "A mailbox keeps its role");
  const mailbox = await named(() => updateMailbox(context.deps.mail, access, current.id, change));
  return change.name !== undefined && mailbox.name !== change.name ? { name: mailbox.name } : null;
}

function readChange(
  context: CallContext,
  { name, parentId, role, sortOrder, isSubscribed }: JsonObject,
): MailboxChange & { role?: MailboxRole | null } {
  const refuse = (property: string): never => {
    throw invalidProperties([property]);
  };
  if (name !== undefined && typeof name !== "string") refuse("name");
  if (parentId !== undefined && parentId !== null && typeof parentId !== "string") refuse("parentId");
  if (role !== undefined && role !== null && !roles.includes(role)) refuse("role");
  const isOrder = Number.isInteger(sortOrder) && (sortOrder as number) >= 0 && (sortOrder as number) < 2 ** 31;
  if (sortOrder !== undefined && !isOrder) refuse("sortOrder");
  if (isSubscribed !== undefined && typeof isSubscribed !== "boolean") refuse("isSubscribed");
  return {
    ...(name !== undefined && { name: name as string }),
    ...(parentId !== undefined && { parentId: parentId === null ? null : resolveId(context, parentId as string) }),
    ...(role !== undefined && { role: role as MailboxRole | null }),
    ...(sortOrder !== undefined && { sortOrder: sortOrder as number }),
    ...(isSubscribed !== undefined && { isSubscribed: isSubscribed as boolean }),
  };
}

/** Says which property the domain refused. */
async function named<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (error.code === "already_exists" || error.code === "invalid") throw invalidProperties(["name"], error.message);
    if (error.code === "not_found") throw invalidProperties(["parentId"], error.message);
    throw error;
  }
}

async function destroyOne(context: CallContext, access: AccountAccess, mailboxId: string, removeEmails: boolean) {
  try {
    await deleteMailbox(context.deps.mail, access, mailboxId, { onDestroyRemoveEmails: removeEmails });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (error.code === "conflict") {
      throw new SetFailure({ type: error.data?.reason === "children" ? "mailboxHasChild" : "mailboxHasEmail" });
    }
    if (error.code === "invalid") throw new SetFailure({ type: "forbidden", description: error.message });
    throw error;
  }
}

/** A tree can be destroyed by one call, in whatever order its ids are given. */
async function childrenFirst(context: CallContext, access: AccountAccess, ids: readonly string[]): Promise<string[]> {
  if (ids.length < 2) return [...ids];
  const parents = new Map(
    (await listMailboxes(context.deps.mail.store.read, access)).map((each) => [each.id, each.parentId]),
  );
  const depth = (mailboxId: string): number => {
    let levels = 0;
    for (let above = parents.get(mailboxId); above && levels < 100; above = parents.get(above)) levels++;
    return levels;
  };
  return ids.toSorted((a, b) => depth(b) - depth(a));
}
