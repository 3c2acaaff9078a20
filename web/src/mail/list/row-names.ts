import type { EmailAddress } from "@bouquet/contract/jmap-mail.ts";

interface Sent {
  readonly from: EmailAddress[] | null;
  readonly to: EmailAddress[] | null;
  readonly keywords: Record<string, true>;
}

export interface Words {
  readonly me: string;
  readonly to: (names: string) => string;
  readonly nobody: string;
  readonly draft: string;
}

export function nameOf(address: EmailAddress): string {
  return address.name?.trim() || address.email;
}

/** The word by which a person is told in a list of several: the first of the name, or the address before the at sign. */
function shortName(address: EmailAddress): string {
  const name = address.name?.trim();
  return (name ? name.split(/\s+/)[0] : address.email.split("@")[0]) ?? address.email;
}

/**
 * Who speaks in a conversation, oldest first: the full name of one, first names of several; « À : … » when `isOutgoing`.
 * @param own addresses of the account, in lower case
 */
export function rowNames(emails: readonly Sent[], own: ReadonlySet<string>, words: Words, isOutgoing: boolean): string {
  const isOwn = ({ email }: EmailAddress) => own.has(email.toLowerCase());
  if (isOutgoing) {
    const to = distinct(emails.flatMap((email) => email.to ?? []));
    return to.length === 0 ? words.nobody : words.to(joinNames(to, isOwn, words));
  }
  const from = distinct(
    emails.filter((email) => !email.keywords.$draft).flatMap((email) => (email.from ?? []).slice(0, 1)),
  );
  const names = from.length === 0 ? words.nobody : joinNames(from, isOwn, words);
  return emails.some((email) => email.keywords.$draft) && from.length > 0 ? `${names}, ${words.draft}` : names;
}

function joinNames(people: EmailAddress[], isOwn: (address: EmailAddress) => boolean, words: Words): string {
  const [only] = people;
  if (people.length === 1 && only) return isOwn(only) ? words.me : nameOf(only);
  return people.map((person) => (isOwn(person) ? words.me : shortName(person))).join(", ");
}

function distinct(addresses: readonly EmailAddress[]): EmailAddress[] {
  const byEmail = new Map<string, EmailAddress>();
  for (const address of addresses) {
    const key = address.email.toLowerCase();
    if (!byEmail.get(key)?.name?.trim()) byEmail.set(key, address);
  }
  return [...byEmail.values()];
}

/** Whose face stands for the conversation: the last who wrote and is not the reader. */
export function faceOf(emails: readonly Sent[], own: ReadonlySet<string>, isOutgoing: boolean): EmailAddress {
  const people = isOutgoing
    ? emails.flatMap((email) => email.to ?? [])
    : emails.toReversed().flatMap((email) => email.from ?? []);
  return people.find(({ email }) => !own.has(email.toLowerCase())) ?? people[0] ?? { name: null, email: "?" };
}
