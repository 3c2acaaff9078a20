import type { Word } from "../../formats/managesieve-syntax/command-reader.ts";
import { Refusal } from "./refusal.ts";
import type { Session } from "./session.ts";

/** What follows OK; responses before it are written by the command. */
export interface Completion {
  readonly text?: string;
  /** Without parentheses. */
  readonly code?: string;
  /** Done after OK was sent. */
  readonly afterwards?: () => Promise<void>;
}

export interface Command {
  readonly state: "any" | "not-authenticated" | "authenticated";
  /** @throws Refusal, DomainError, ConnectionClosed */
  run(session: Session, words: readonly Word[]): Promise<Completion>;
}

/** @throws Refusal unless there are as many arguments */
export function requireArguments(words: readonly Word[], least: number, most: number = least): void {
  if (words.length < least || words.length > most) throw new Refusal("The arguments are not those of this command");
}

/** A string argument as text. @throws Refusal for another argument, or for what is not UTF-8 */
export function textOf(word: Word | undefined): string {
  if (word?.kind !== "string") throw new Refusal("The argument must be a string");
  if (word.isTooLong) throw new Refusal("The script is too long", "QUOTA/MAXSIZE");
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(word.bytes);
  } catch {
    throw new Refusal("The argument is not UTF-8");
  }
}

export function numberOf(word: Word | undefined): number {
  if (word?.kind !== "number") throw new Refusal("The argument must be a number");
  return word.value;
}
