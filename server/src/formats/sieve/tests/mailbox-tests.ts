import { ArgumentReader } from "../argument-reader.ts";
import type { TestSpec } from "../compile-context.ts";

/** RFC 5490 section 3.1: all of them must be there. */
const mailboxexists: TestSpec = {
  needs: ["mailbox"],
  compile(context, node) {
    const reader = new ArgumentReader(context, node);
    const names = reader.texts("names of mailboxes");
    reader.end();
    return async (machine) => {
      for (const name of names) {
        machine.spend(1);
        if (!(await machine.host.mailboxExists(name.read(machine)))) return false;
      }
      return true;
    };
  },
};

/** RFC 9042 section 5: all of them must be there. */
const mailboxidexists: TestSpec = {
  needs: ["mailboxid"],
  compile(context, node) {
    const reader = new ArgumentReader(context, node);
    const ids = reader.texts("ids of mailboxes");
    reader.end();
    return async (machine) => {
      for (const id of ids) {
        machine.spend(1);
        if (!(await machine.host.mailboxIdExists(id.read(machine)))) return false;
      }
      return true;
    };
  },
};

/** RFC 8579 section 4: the mailbox, or any, has each of the attributes. */
const specialuseExists: TestSpec = {
  needs: ["special-use"],
  compile(context, node) {
    const reader = new ArgumentReader(context, node);
    const mailbox = reader.left > 1 ? reader.text("a mailbox") : undefined;
    const attributes = reader.texts("attributes");
    reader.end();
    return (machine) =>
      machine.host.specialUseExists(
        mailbox?.read(machine),
        attributes.map((each) => each.read(machine)),
      );
  },
};

export const mailboxTests: Readonly<Record<string, TestSpec>> = {
  mailboxexists,
  mailboxidexists,
  specialuse_exists: specialuseExists,
};
