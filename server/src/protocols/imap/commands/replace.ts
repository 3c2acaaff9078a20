import type { Command } from "../command.ts";
import { append } from "./append.ts";

/** REPLACE and UID REPLACE (RFC 8508): what arrives takes the place of another message, in one transaction. */
export const replace: Command = { ...append, state: "selected" };
