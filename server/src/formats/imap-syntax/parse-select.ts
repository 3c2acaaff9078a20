import { BadSyntax } from "./bad-syntax.ts";
import type { RawCommand } from "./raw-command.ts";
import { Scanner } from "./scanner.ts";
import { type NumberRange, STAR } from "./sequence-set.ts";

export interface QresyncParameters {
  readonly uidValidity: number;
  readonly modseq: number;
  readonly knownUids: readonly NumberRange[] | null;
  /** Sequence numbers and the UIDs they had, pairwise, when the client gave them (RFC 7162 section 3.2.5.2). */
  readonly matches: { readonly sequence: readonly NumberRange[]; readonly uids: readonly NumberRange[] } | null;
}

export interface SelectCommand {
  readonly mailbox: string;
  readonly condstore: boolean;
  readonly qresync: QresyncParameters | null;
}

/**
 * Parses the arguments of SELECT and EXAMINE (RFC 9051 section 6.3.2, parameters of RFC 7162).
 * @throws BadSyntax
 */
export function parseSelect(command: RawCommand, utf8: boolean): SelectCommand {
  const scanner = new Scanner(command);
  scanner.space();
  const mailbox = scanner.mailbox(utf8);
  let condstore = false;
  let qresync: QresyncParameters | null = null;
  if (!scanner.atEnd) {
    scanner.space();
    scanner.list(() => {
      const parameter = scanner.keyword();
      if (parameter === "CONDSTORE") condstore = true;
      else if (parameter === "QRESYNC") {
        scanner.space();
        qresync = parseQresync(scanner);
      } else throw new BadSyntax(`${command.verb} parameter ${parameter} is not known.`);
    });
    scanner.end();
  }
  return { mailbox, condstore, qresync };
}

function parseQresync(scanner: Scanner): QresyncParameters {
  scanner.expect("(");
  const uidValidity = scanner.number();
  scanner.space();
  const modseq = scanner.number();
  let knownUids: readonly NumberRange[] | null = null;
  let matches: QresyncParameters["matches"] = null;
  if (scanner.accept(" ") && scanner.peek() !== "(") {
    knownUids = knownSet(scanner);
    scanner.accept(" ");
  }
  if (scanner.accept("(")) {
    const sequence = knownSet(scanner);
    scanner.space();
    matches = { sequence, uids: knownSet(scanner) };
    scanner.expect(")");
  }
  scanner.expect(")");
  return { uidValidity, modseq, knownUids, matches };
}

function knownSet(scanner: Scanner): readonly NumberRange[] {
  const set = scanner.sequenceSet();
  if (set.kind === "saved" || set.ranges.some(({ from, to }) => from === STAR || to === STAR)) {
    throw new BadSyntax('QRESYNC takes sets without "*" and "$".');
  }
  return set.ranges;
}
