import { isIP } from "node:net";
import { SaxesParser } from "saxes";
import {
  clean,
  count,
  type MailReport,
  MailReportError,
  type MailReportRow,
  mostRows,
  reportDate,
} from "./mail-report.ts";

/** An element with its children by name, each name possibly several times. */
interface Element {
  readonly children: Map<string, Element[]>;
  text: string;
}

const deepest = 12;
const mostElements = mostRows * 40;

/**
 * Reads an aggregate report (RFC 7489 appendix C). Namespaces are ignored, as reporters differ in them; a document type, and with it
 * every entity of its own, is refused.
 * @param xml at most `largestReport` bytes; holds the caller: for threads
 * @throws MailReportError
 */
export function parseDmarcReport(xml: string): MailReport {
  const feedback = parseXml(xml).children.get("feedback")?.[0];
  if (!feedback) throw new MailReportError("This is no DMARC report");
  const metadata = child(feedback, "report_metadata");
  const range = child(metadata, "date_range");
  const policy = child(feedback, "policy_published");
  const records = feedback.children.get("record") ?? [];
  if (records.length > mostRows) throw new MailReportError("The report has too many rows");
  const domain = text(policy, "domain").toLowerCase().replace(/\.$/, "");
  const reporter = text(metadata, "org_name") || text(metadata, "email");
  const reportId = text(metadata, "report_id");
  if (domain === "" || reporter === "" || reportId === "") {
    throw new MailReportError("The report does not say of whom, by whom or which it is");
  }
  return {
    kind: "dmarc",
    domain,
    reporter,
    reportId,
    beginsAt: date(text(range, "begin")),
    endsAt: date(text(range, "end")),
    policy: Object.fromEntries(
      ["p", "sp", "np", "adkim", "aspf", "pct", "fo", "testing"].flatMap((name) => {
        const value = text(policy, name);
        return value === "" ? [] : [[name, value]];
      }),
    ),
    rows: records.map(readRecord),
  };
}

function readRecord(record: Element): MailReportRow {
  const row = child(record, "row");
  const evaluated = child(row, "policy_evaluated");
  const identifiers = child(record, "identifiers");
  const results = child(record, "auth_results");
  const source = text(row, "source_ip");
  const list = (name: string, keys: readonly string[]) =>
    (results.children.get(name) ?? [])
      .slice(0, 20)
      .map((each) => Object.fromEntries(keys.map((key) => [key, text(each, key)]).filter(([, value]) => value !== "")));
  return {
    source: isIP(source) === 0 ? undefined : source,
    count: count(text(row, "count")),
    result: text(evaluated, "disposition") || "none",
    detail: {
      dkim: text(evaluated, "dkim"),
      spf: text(evaluated, "spf"),
      headerFrom: text(identifiers, "header_from"),
      envelopeFrom: text(identifiers, "envelope_from"),
      reasons: (evaluated.children.get("reason") ?? []).slice(0, 10).map((each) => text(each, "type")),
      dkimResults: list("dkim", ["domain", "selector", "result"]),
      spfResults: list("spf", ["domain", "scope", "result"]),
    },
  };
}

function parseXml(xml: string): Element {
  const parser = new SaxesParser();
  const root: Element = { children: new Map(), text: "" };
  const stack = [root];
  let elements = 0;
  const refuse = (why: string): never => {
    throw new MailReportError(why);
  };
  parser.on("error", (error) => refuse(`The XML is malformed: ${clean(error.message)}`));
  parser.on("doctype", () => refuse("The XML has a document type"));
  parser.on("opentag", (tag) => {
    if (stack.length > deepest || ++elements > mostElements) refuse("The XML is too deep or too large");
    const element: Element = { children: new Map(), text: "" };
    const name = tag.name.replace(/^.*:/, "");
    const { children } = stack.at(-1)!;
    const siblings = children.get(name);
    if (siblings) siblings.push(element);
    else children.set(name, [element]);
    stack.push(element);
  });
  parser.on("text", (value) => {
    const element = stack.at(-1)!;
    if (element.text.length < 1_000) element.text += value.slice(0, 1_000);
  });
  parser.on("closetag", () => void stack.pop());
  parser.write(xml).close();
  return root;
}

const empty: Element = { children: new Map(), text: "" };

function child(element: Element, name: string): Element {
  return element.children.get(name)?.[0] ?? empty;
}

function text(element: Element, name: string): string {
  return clean(child(element, name).text);
}

/** Seconds since 1970. */
function date(seconds: string): Date {
  return reportDate(new Date(count(seconds) * 1_000));
}
