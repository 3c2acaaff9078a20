import { isAscii } from "node:buffer";
import type { EditedHeader, SieveAction, SieveResult, VacationAction } from "../../../formats/sieve/actions.ts";
import { SieveSyntaxErrors } from "../../../formats/sieve/compile-script.ts";
import type { SieveHost } from "../../../formats/sieve/machine.ts";
import { runScript } from "../../../formats/sieve/run-script.ts";
import type { Transactor } from "../../../store/database.ts";
import type { AccountKey } from "../../../store/feed/take-modseq.ts";
import { DomainError } from "../../errors.ts";
import { maxMailboxDepth } from "../create-mailbox.ts";
import type { IncomingMessage } from "../delivery/incoming-message.ts";
import { proofOfSender } from "../delivery/proof-of-sender.ts";
import type { RecipientAccount } from "../delivery/resolve-recipient.ts";
import { readStaged } from "../delivery/stage-incoming.ts";
import { normalizeFlags } from "../flags.ts";
import { MailboxPaths } from "../mailbox-paths.ts";
import type { AnalyzingMailDeps } from "../model.ts";
import { type StagedMessage, stageBytes } from "../stage-message.ts";
import { isAutomatic, mayAnswer } from "./answer-manners.ts";
import { compileCached } from "./check-script.ts";
import { composeFailureNotice, composeNotification, composeVacation } from "./compose-answers.ts";
import { claim, isRemembered, memoryHandle } from "./filter-memory.ts";
import type { FilterOutcome } from "./filter-outcome.ts";
import { type FilterOwner, readFilterOwner } from "./filter-owner.ts";
import { viewMessage } from "./view-message.ts";

/** What filters stand on. */
export interface FilterDeps extends AnalyzingMailDeps {
  /** How this server names itself in what it composes. */
  readonly hostName: string;
}

const noticeSeconds = 86_400;

export interface ActiveScript {
  readonly name: string;
  readonly content: string;
}

/**
 * Runs the active Sieve script of an account over a message, before the transaction of the delivery. A script that fails while it
 * runs is an implicit keep (RFC 5228 section 2.10.6); its owner is told once a day. Mailboxes that `fileinto :create` asks for are
 * made at once.
 * @param account `address` is the one that the message was sent to, normalized
 * @param script the active one; undefined: the account filters nothing
 */
export async function runFilters(
  deps: FilterDeps,
  account: RecipientAccount & { readonly address: string },
  message: IncomingMessage,
  script: ActiveScript | undefined,
): Promise<FilterOutcome> {
  const kept: FilterOutcome = { placements: [{ mailboxId: account.inboxId, flags: [] }], sends: [], seen: [] };
  if (!script) return kept;
  const owner = await readFilterOwner(deps.store.read, account);
  return owner ? new FilterRun(deps, account, message, owner, script).run() : kept;
}

class FilterRun {
  readonly #deps: FilterDeps;
  readonly #account: RecipientAccount & { readonly address: string };
  readonly #message: IncomingMessage;
  readonly #owner: FilterOwner;
  readonly #script: ActiveScript;
  readonly #now = new Date();
  readonly #outcome: FilterOutcome = { placements: [], sends: [], seen: [] };
  readonly #edited = new Map<EditedHeader, Promise<StagedMessage>>();
  #bytes: Buffer = Buffer.alloc(0);
  #paths: MailboxPaths | undefined;

  constructor(
    deps: FilterDeps,
    account: RecipientAccount & { readonly address: string },
    message: IncomingMessage,
    owner: FilterOwner,
    script: ActiveScript,
  ) {
    this.#deps = deps;
    this.#account = account;
    this.#message = message;
    this.#owner = owner;
    this.#script = script;
  }

  async run(): Promise<FilterOutcome> {
    this.#bytes = await readStaged(this.#deps, this.#message.staged);
    const view = viewMessage(this.#bytes, this.#message.analyzed.root, {
      from: this.#message.sender,
      to: this.#account.address,
    });
    const result = await this.#runScript(view);
    for (const { id, seconds } of result.seenIds) this.#remember("duplicate", id, seconds);
    for (const action of result.actions) await this.#apply(action, view);
    if (result.failure) await this.#tellOwner(result.failure);
    return this.#outcome;
  }

  /** A script that was stored by an older version of the program may not compile any more. */
  async #runScript(view: ReturnType<typeof viewMessage>): Promise<SieveResult> {
    try {
      return await runScript(compileCached(this.#script.content), this.#script.name, view, this.#host());
    } catch (error) {
      if (!(error instanceof SieveSyntaxErrors)) throw error;
      const [first] = error.errors;
      return {
        actions: [{ kind: "keep", flags: [], editedHeader: undefined }],
        seenIds: [],
        failure: { message: first!.message, position: first!.position, script: this.#script.name },
      };
    }
  }

  #host(): SieveHost {
    const { store } = this.#deps;
    const account = this.#account;
    return {
      now: this.#now,
      timeZone: this.#owner.timeZone,
      mailboxExists: async (name) => (await this.#mailboxes()).find(name) !== undefined,
      mailboxIdExists: async (id) => (await this.#mailboxes()).hasId(id),
      specialUseExists: async (mailbox, attributes) => {
        const paths = await this.#mailboxes();
        if (mailbox === undefined) return attributes.every((each) => paths.findByAttribute(each) !== undefined);
        const id = paths.find(mailbox);
        return id !== undefined && paths.hasAttributes(id, attributes);
      },
      wasSeen: (id) => isRemembered(store.read, account, "duplicate", id),
      findScript: async (place, name) => {
        const global = store.read
          .selectFrom("sieve_global_script")
          .select("content")
          .where("organization_id", "=", account.organizationId)
          .where("name", "=", name.normalize("NFC"));
        const personal = store.read
          .selectFrom("sieve_script")
          .select("content")
          .where("organization_id", "=", account.organizationId)
          .where("account_id", "=", account.accountId)
          .where("name", "=", name.normalize("NFC"));
        const found = await (place === "global" ? global : personal).executeTakeFirst();
        return found && compileCached(found.content);
      },
    };
  }

  async #mailboxes(): Promise<MailboxPaths> {
    this.#paths ??= await MailboxPaths.read(this.#deps.store.read, this.#account);
    return this.#paths;
  }

  #remember(kind: FilterOutcome["seen"][number]["kind"], handle: string, seconds: number): void {
    this.#outcome.seen.push({ kind, handle, expiresAt: new Date(this.#now.getTime() + seconds * 1_000) });
  }

  async #apply(action: SieveAction, view: ReturnType<typeof viewMessage>): Promise<void> {
    switch (action.kind) {
      case "discard":
        return;
      case "keep":
        return this.#place(this.#account.inboxId, action.flags, action.editedHeader);
      case "fileinto":
        return this.#place(await this.#findOrCreate(action), action.flags, action.editedHeader);
      case "redirect": {
        const edited = action.editedHeader && (await this.#edit(action.editedHeader)).staged;
        this.#outcome.sends.push({
          kind: "redirect",
          returnPath: this.#message.sender,
          recipients: [action.address],
          staged: edited,
          isEightBit: !isAscii(this.#bytes),
          isSmtpUtf8: !isAscii(Buffer.from(action.address)),
        });
        return;
      }
      case "reject":
        this.#outcome.rejection = { text: action.text, isExtended: action.isExtended };
        return;
      case "vacation":
        return this.#answer(action, view);
      case "notify": {
        // A notification about a notification would go on for ever (RFC 5436 section 2.7.1).
        const made = isAutomatic(view) ? undefined : await composeNotification(this.#context(), action);
        if (made) this.#outcome.sends.push(made);
      }
    }
  }

  #context() {
    const { blobs, hostName } = this.#deps;
    const { address } = this.#account;
    return { blobs, hostName, owner: this.#owner, address, message: this.#message, now: this.#now };
  }

  async #answer(action: VacationAction, view: ReturnType<typeof viewMessage>): Promise<void> {
    const { sender } = this.#message;
    const own = [this.#account.address, ...this.#owner.addresses, ...action.addresses];
    // Somebody else's name on it: the answer would go to who wrote nothing.
    if (!mayAnswer(view, sender, own) || proofOfSender(this.#message) === "disproved") return;
    const handle = memoryHandle(action.handle, sender.toLowerCase());
    if (!(await claim(this.#deps.store, this.#account, "vacation", handle))) return;
    this.#outcome.sends.push(await composeVacation(this.#context(), action));
    this.#remember("vacation", handle, action.intervalSeconds);
  }

  /** A mailbox that is not there, and is not to be made, is the inbox (RFC 5228 section 4.1 leaves it to us): nothing is lost. */
  async #findOrCreate(action: SieveAction & { kind: "fileinto" }): Promise<string> {
    const paths = await this.#mailboxes();
    const special = action.specialUse === undefined ? undefined : paths.findByAttribute(action.specialUse);
    const byId = action.mailboxId !== undefined && paths.hasId(action.mailboxId) ? action.mailboxId : undefined;
    const known = byId ?? special ?? paths.find(action.mailbox);
    if (known !== undefined) return known;
    return (action.mayCreate && (await this.#create(action.mailbox))) || this.#account.inboxId;
  }

  /** Undefined for a name that is not possible. */
  async #create(path: string): Promise<string | undefined> {
    // Another delivery may make the same levels at the same moment: each failure then leaves fewer to make.
    for (let level = 0; level <= maxMailboxDepth; level++) {
      const paths = await this.#mailboxes();
      const known = paths.find(path);
      if (known !== undefined) return known;
      this.#paths = undefined;
      try {
        return await paths.create(this.#deps, this.#owner.access, path);
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        if (error.code !== "already_exists") return undefined;
      }
    }
    return undefined;
  }

  async #place(mailboxId: string, given: readonly string[], header: EditedHeader | undefined): Promise<void> {
    const flags = normalizeFlags(given);
    const already = this.#outcome.placements.find((each) => each.mailboxId === mailboxId);
    if (already) {
      // One copy, and the last list of flags wins (RFC 5232).
      already.flags = flags;
      return;
    }
    const edited = header && (await this.#edit(header));
    this.#outcome.placements.push({ mailboxId, flags, ...(edited && { edited }) });
  }

  /** One set of bytes for each header that the script made. */
  #edit(header: EditedHeader): Promise<StagedMessage> {
    let staged = this.#edited.get(header);
    if (!staged) {
      const { bodyStart } = this.#message.analyzed.root;
      staged = stageBytes(this.#deps, Buffer.concat([header, Buffer.from("\r\n"), this.#bytes.subarray(bodyStart)]));
      this.#edited.set(header, staged);
    }
    return staged;
  }

  async #tellOwner(failure: NonNullable<SieveResult["failure"]>): Promise<void> {
    const handle = memoryHandle(this.#script.content, failure.message);
    if (!(await claim(this.#deps.store, this.#account, "notice", handle))) return;
    const line = failure.position.line;
    const notice = await composeFailureNotice(this.#context(), {
      message: failure.message,
      line,
      script: failure.script,
    });
    if (!notice) return;
    this.#outcome.sends.push(notice);
    this.#remember("notice", handle, noticeSeconds);
  }
}

/** Writes what the outcome asks to remember, in the transaction of the delivery and before the feed is taken. */
export async function recordOutcome(tx: Transactor, account: AccountKey, outcome: FilterOutcome): Promise<void> {
  // In one order, so that two deliveries never wait for each other.
  const rows = [...new Map(outcome.seen.map((each) => [`${each.kind} ${each.handle}`, each])).values()]
    .sort((a, b) => (a.handle < b.handle ? -1 : 1))
    .map(({ kind, handle, expiresAt }) => ({
      organization_id: account.organizationId,
      account_id: account.accountId,
      kind,
      handle,
      expires_at: expiresAt,
    }));
  if (rows.length === 0) return;
  await tx
    .insertInto("filter_memory")
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .columns(["organization_id", "account_id", "kind", "handle"])
        .doUpdateSet((eb) => ({ expires_at: eb.ref("excluded.expires_at") })),
    )
    .execute();
}
