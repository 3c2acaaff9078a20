import type { Session, Transaction } from "./session.ts";

/** The text of `+OK`; what is after it (a multi-line answer) was sent by the command itself when it returns undefined. */
export type Answer = string | undefined;

export type Command =
  | { readonly state: "any" | "authorization"; run(session: Session, argument: string): Promise<Answer> }
  | {
      readonly state: "transaction";
      run(session: Session, argument: string, transaction: Transaction): Promise<Answer>;
    };
