import type { AccountAccess } from "../../../domain/access/account-access.ts";
import { readMailQuota } from "../../../domain/mail/read-mail-quota.ts";
import { Scanner } from "../../../formats/imap-syntax/scanner.ts";
import { writeMailbox, writeUntagged } from "../../../formats/imap-syntax/write-response.ts";
import type { Command } from "../command.ts";
import { findMailbox } from "../mailbox-tree.ts";
import { Refusal } from "../refusal.ts";
import type { Session } from "../session.ts";

/** GETQUOTA (RFC 9208). Each account has one quota root, named by its id. */
export const getQuota: Command = {
  state: "authenticated",
  updates: "when-hinted",
  async run(session, raw) {
    const scanner = new Scanner(raw);
    scanner.space();
    const root = scanner.astring();
    scanner.end();
    const accounts = await session.accounts();
    const access = accounts.find(({ accountId, rights }) => accountId === root && rights.has("read"));
    if (access === undefined) throw new Refusal("There is no such quota root.", "NONEXISTENT");
    session.channel.send(await quotaResponse(session, access));
    return { text: "Quota told." };
  },
};

export const getQuotaRoot: Command = {
  state: "authenticated",
  updates: "when-hinted",
  async run(session, raw) {
    const scanner = new Scanner(raw);
    scanner.space();
    const name = scanner.mailbox(session.utf8);
    scanner.end();
    const { access } = await findMailbox(session, name);
    session.channel.send(
      writeUntagged(`QUOTAROOT ${writeMailbox(name, session.utf8)} ${access.accountId}`) +
        (await quotaResponse(session, access)),
    );
    return { text: "Quota told." };
  },
};

/** Quotas are a matter of contract: no mail program sets them. */
export const setQuota: Command = {
  state: "authenticated",
  updates: "never",
  async run() {
    throw new Refusal("Quotas are set by the administrators.", "NOPERM");
  },
};

/** STORAGE counts in units of 1024 bytes (RFC 9208 section 5.1). */
async function quotaResponse(session: Session, access: AccountAccess): Promise<string> {
  const { usedBytes, limitBytes } = await readMailQuota(session.deps.mail.store.read, access);
  const resources =
    limitBytes === null ? "" : `STORAGE ${Math.ceil(usedBytes / 1024)} ${Math.floor(limitBytes / 1024)}`;
  return writeUntagged(`QUOTA ${access.accountId} (${resources})`);
}
