import { BadSyntax } from "./bad-syntax.ts";
import { parseStatusItems, type StatusItem } from "./parse-status.ts";
import type { RawCommand } from "./raw-command.ts";
import { Scanner } from "./scanner.ts";

export interface ListCommand {
  readonly reference: string;
  readonly patterns: readonly string[];
  readonly select: {
    readonly subscribed: boolean;
    readonly remote: boolean;
    readonly recursiveMatch: boolean;
    readonly specialUse: boolean;
  };
  readonly returns: {
    readonly subscribed: boolean;
    readonly children: boolean;
    readonly specialUse: boolean;
    readonly status: readonly StatusItem[] | null;
    /** RFC 8440. */
    readonly myRights: boolean;
  };
  /** True when the client used a form of RFC 5258: then `LIST "" ""` is not the question for the hierarchy delimiter. */
  readonly extended: boolean;
}

/**
 * Parses the arguments of LIST and LSUB (RFC 9051 section 6.3.9; RFC 5258, 5819, 6154 and 8440).
 * @throws BadSyntax
 */
export function parseList(command: RawCommand, utf8: boolean): ListCommand {
  const scanner = new Scanner(command);
  const selection = new Set<string>();
  scanner.space();
  let extended = false;
  if (scanner.peek() === "(") {
    extended = true;
    for (const option of scanner.list(() => scanner.keyword())) selection.add(selectionOption(option));
    scanner.space();
  }
  const reference = scanner.mailbox(utf8);
  scanner.space();
  let patterns: string[];
  if (scanner.peek() === "(") {
    extended = true;
    patterns = scanner.list(() => scanner.listPattern(utf8));
    if (patterns.length === 0) throw new BadSyntax("LIST needs at least one pattern.");
  } else patterns = [scanner.listPattern(utf8)];
  const returns = new Set<string>();
  let status: StatusItem[] | null = null;
  if (!scanner.atEnd) {
    extended = true;
    scanner.expect(" RETURN ");
    scanner.list(() => {
      const option = scanner.keyword();
      if (option === "STATUS") {
        scanner.space();
        status = parseStatusItems(scanner);
      } else if (["SUBSCRIBED", "CHILDREN", "SPECIAL-USE", "MYRIGHTS"].includes(option)) returns.add(option);
      else throw new BadSyntax(`LIST return option ${option} is not known.`);
    });
    scanner.end();
  }
  if (selection.has("RECURSIVEMATCH") && !selection.has("SUBSCRIBED") && !selection.has("SPECIAL-USE")) {
    throw new BadSyntax("RECURSIVEMATCH needs another selection option.");
  }
  return {
    reference,
    patterns,
    select: {
      subscribed: selection.has("SUBSCRIBED"),
      remote: selection.has("REMOTE"),
      recursiveMatch: selection.has("RECURSIVEMATCH"),
      specialUse: selection.has("SPECIAL-USE"),
    },
    returns: {
      subscribed: returns.has("SUBSCRIBED") || selection.has("SUBSCRIBED"),
      children: returns.has("CHILDREN"),
      specialUse: returns.has("SPECIAL-USE") || selection.has("SPECIAL-USE"),
      status,
      myRights: returns.has("MYRIGHTS"),
    },
    extended,
  };
}

function selectionOption(option: string): string {
  if (["SUBSCRIBED", "REMOTE", "RECURSIVEMATCH", "SPECIAL-USE"].includes(option)) return option;
  throw new BadSyntax(`LIST selection option ${option} is not known.`);
}
