import { soleAddress } from "../address-part.ts";
import { ArgumentReader } from "../argument-reader.ts";
import type { CommandSpec } from "../compile-context.ts";
import { readFlags } from "../flag-list.ts";
import { SieveError } from "../sieve-error.ts";
import type { Text } from "../text.ts";

/** RFC 5228 section 4.1, with :copy (RFC 3894), :flags (RFC 5232), :create (RFC 5490), :specialuse (RFC 8579), :mailboxid (RFC 9042). */
export const fileinto: CommandSpec = {
  needs: ["fileinto"],
  compile(context, node) {
    const reader = new ArgumentReader(context, node, {
      ":copy": { needs: ["copy"] },
      ":flags": { value: "strings", needs: ["imap4flags"] },
      ":create": { needs: ["mailbox"] },
      ":specialuse": { value: "string", needs: ["special-use"], group: "place" },
      ":mailboxid": { value: "string", needs: ["mailboxid"], group: "place" },
    });
    const mailbox = reader.text("a mailbox");
    reader.end();
    if (mailbox.constant !== undefined && !isMailboxName(mailbox.constant)) {
      throw new SieveError("This is not the name of a mailbox", mailbox.position);
    }
    const flags = reader.tagTexts(":flags");
    const specialUse = reader.tagText(":specialuse");
    const mailboxId = reader.tagText(":mailboxid");
    return (machine) => {
      const name = mailbox.read(machine);
      if (!isMailboxName(name)) throw machine.failure("This is not the name of a mailbox", mailbox.position);
      const kept = machine.implicitKeep();
      machine.addAction(
        {
          kind: "fileinto",
          mailbox: name,
          flags: flags ? readFlags(flags.map((each) => each.read(machine))) : kept.flags,
          editedHeader: kept.editedHeader,
          mayCreate: reader.has(":create"),
          specialUse: specialUse?.read(machine),
          mailboxId: mailboxId?.read(machine),
        },
        node.position,
      );
      if (!reader.has(":copy")) machine.keepsImplicitly = false;
      return undefined;
    };
  },
};

/** Octets that are no UTF-8 (`${hex:ff}`) have become U+FFFD. */
function isMailboxName(name: string): boolean {
  return name.trim() !== "" && name.length <= 1_000 && !/[\p{Cc}\ufffd]/u.test(name);
}

/** RFC 5228 section 4.2. */
export const redirect: CommandSpec = {
  compile(context, node) {
    const reader = new ArgumentReader(context, node, { ":copy": { needs: ["copy"] } });
    const address = reader.text("an address");
    reader.end();
    requireAddress(address);
    return (machine) => {
      const to = soleAddress(address.read(machine));
      if (to === undefined) throw machine.failure("A message is redirected to one address", address.position);
      machine.addAction({ kind: "redirect", address: to, editedHeader: machine.header.snapshot() }, node.position);
      if (!reader.has(":copy")) machine.keepsImplicitly = false;
      return undefined;
    };
  },
};

/** @throws SieveError for a constant that is not one address */
export function requireAddress({ constant, position }: Text): void {
  if (constant !== undefined && soleAddress(constant) === undefined) {
    throw new SieveError(`“${constant.slice(0, 100)}” is not an e-mail address`, position);
  }
}

function reject(isExtended: boolean): CommandSpec {
  return {
    needs: [isExtended ? "ereject" : "reject"],
    compile(context, node) {
      const reader = new ArgumentReader(context, node);
      const reason = reader.text("a reason");
      reader.end();
      return (machine) => {
        machine.addAction({ kind: "reject", isExtended, text: reason.read(machine) }, node.position);
        machine.keepsImplicitly = false;
        return undefined;
      };
    },
  };
}

/** RFC 5429. */
export const rejectCommand: CommandSpec = reject(false);
export const erejectCommand: CommandSpec = reject(true);
