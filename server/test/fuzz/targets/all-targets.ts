import type { FuzzTarget } from "../target.ts";
import { imapCommands } from "./imap-commands.ts";
import { mimeMessage } from "./mime-message.ts";

export const allTargets: readonly FuzzTarget[] = [imapCommands, mimeMessage];
