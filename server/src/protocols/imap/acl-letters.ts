import type { Right } from "../../domain/access/account-access.ts";
import { BadSyntax } from "../../formats/imap-syntax/bad-syntax.ts";

/** Standard rights in the order of RFC 4314 section 2.1. */
const STANDARD = "lrswipkxtea";

/** Anybody may send mail to a mailbox: nobody is ever without this right. */
const ALWAYS = "p";

/** Virtual rights of RFC 2086, each for the letters that one of our rights stands for (RFC 4314 section 2.1.1). */
const VIRTUAL: Record<string, string> = { c: "kx", d: "te" };

/**
 * What each of our rights is in letters: they are tied, and given or taken together. The letter `s` goes with reading where each
 * person has a \Seen of their own, and with writing where all share it.
 */
function tied(personalSeen: boolean): readonly (readonly [Right, string])[] {
  return [
    ["read", personalSeen ? "lrs" : "lr"],
    ["write", personalSeen ? "wi" : "swi"],
    ["delete", "te"],
    ["manage", "kx"],
    ["share", "a"],
  ];
}

/** The letters of rights, as ACL and MYRIGHTS responses have them: virtual rights stand behind when one of theirs is given. */
export function writeRights(rights: ReadonlySet<Right>, personalSeen: boolean): string {
  const given = tied(personalSeen).flatMap(([right, letters]) => (rights.has(right) ? [...letters] : []));
  return withVirtual([...STANDARD].filter((letter) => letter === ALWAYS || given.includes(letter)).join(""));
}

/** What LISTRIGHTS answers: the rights that everybody has, then those that can be given, tied ones together. */
export function grantableRights(personalSeen: boolean): { required: string; optional: string[] } {
  return { required: ALWAYS, optional: tied(personalSeen).map(([, letters]) => withVirtual(letters)) };
}

/** All letters, for the owner. */
export function allLetters(): string {
  return withVirtual(STANDARD);
}

function withVirtual(letters: string): string {
  const virtual = Object.entries(VIRTUAL).filter(([, of]) => [...of].some((letter) => letters.includes(letter)));
  return letters + virtual.map(([letter]) => letter).join("");
}

export interface RightsChange {
  readonly mode: "set" | "add" | "remove";
  /** Standard ones. */
  readonly letters: ReadonlySet<string>;
}

/**
 * Reads the rights of SETACL.
 * @throws BadSyntax for a letter that is no right (RFC 4314 section 3.1)
 */
export function parseRights(written: string): RightsChange {
  const sign = /^[+-]/.exec(written)?.[0];
  const letters = new Set<string>();
  for (const letter of sign === undefined ? written : written.slice(1)) {
    for (const each of VIRTUAL[letter] ?? letter) {
      if (!STANDARD.includes(each)) throw new BadSyntax(`"${letter.slice(0, 4)}" is not a right.`);
      letters.add(each);
    }
  }
  return { mode: sign === "+" ? "add" : sign === "-" ? "remove" : "set", letters };
}

/**
 * The rights of somebody after SETACL. Of letters that are tied, all must be there for any to be given (RFC 4314 section 4); to take one
 * away takes those tied to it.
 */
export function applyRights(
  before: ReadonlySet<Right>,
  { mode, letters }: RightsChange,
  personalSeen: boolean,
): Set<Right> {
  const groups = tied(personalSeen);
  const has = new Set(groups.flatMap(([right, each]) => (before.has(right) ? [...each] : [])));
  if (mode === "remove") {
    return new Set(
      groups.flatMap(([right, each]) =>
        before.has(right) && ![...each].some((letter) => letters.has(letter)) ? [right] : [],
      ),
    );
  }
  const wanted = mode === "add" ? has.union(letters) : letters;
  return new Set(groups.flatMap(([right, each]) => ([...each].every((letter) => wanted.has(letter)) ? [right] : [])));
}
