import { searchTrace, type TraceQuery, type TraceRow } from "../../domain/mail/trace/search-trace.ts";
import { type TraceOutcome, traceOutcomes } from "../../domain/mail/trace/trace-entry.ts";
import { type Command, UsageError } from "../command.ts";

type Language = "fr" | "en";

const words: Readonly<Record<Language, Readonly<Record<TraceOutcome, string>>>> = {
  fr: {
    delivered: "remis",
    refused: "refusé",
    deferred: "reporté",
    quarantined: "mis en quarantaine",
    held: "retenu",
    junk: "remis aux indésirables",
    discarded: "écarté par un filtre",
    queued: "en file d’attente",
    sent: "envoyé",
    failed: "échoué",
  },
  en: {
    delivered: "delivered",
    refused: "refused",
    deferred: "put off",
    quarantined: "quarantined",
    held: "held",
    junk: "delivered to junk",
    discarded: "discarded by a filter",
    queued: "queued",
    sent: "sent",
    failed: "failed",
  },
};

const phrases = {
  fr: {
    nothing: "Aucun message ne correspond.",
    more: "Il y en a d’autres : --page",
    subject: "objet",
    from: "depuis",
  },
  en: { nothing: "No message matches.", more: "There are more: --page", subject: "subject", from: "from" },
} as const;

export const traceCommand: Command = {
  usage: [
    "trace [--to adresse] [--from adresse] [--address adresse] [--since 2026-01-31|3d|12h] [--until date] " +
      "[--outcome issue] [--text texte] [--limit 50] [--page suite] [--english]",
  ],
  what: "Dit ce qu’il est advenu des messages des 90 derniers jours, refusés et mis en quarantaine compris.",
  options: {
    to: { type: "string" },
    from: { type: "string" },
    address: { type: "string" },
    since: { type: "string" },
    until: { type: "string" },
    outcome: { type: "string" },
    text: { type: "string" },
    limit: { type: "string" },
    page: { type: "string" },
    english: { type: "boolean" },
  },
  async run({ domain, config, print }, _positionals, options) {
    const language: Language = options.english === true ? "en" : "fr";
    const { rows, next } = await searchTrace(domain.store.read, "everything", readQuery(options));
    if (rows.length === 0) return print(phrases[language].nothing);
    for (const row of rows) print(format(row, language, config.timeZone));
    if (next !== undefined) print(`${phrases[language].more} ${next}`);
  },
};

function readQuery(options: Readonly<Record<string, unknown>>): TraceQuery {
  const text = (name: string) => (typeof options[name] === "string" ? (options[name] as string) : undefined);
  const outcome = text("outcome");
  if (outcome !== undefined && !traceOutcomes.includes(outcome as TraceOutcome)) {
    throw new UsageError(`L’issue est ${traceOutcomes.join(", ")}.`);
  }
  const limit = text("limit");
  if (limit !== undefined && !/^[1-9]\d{0,2}$/.test(limit)) throw new UsageError("La limite est un nombre de 1 à 200.");
  const [to, from, address, words, page] = [text("to"), text("from"), text("address"), text("text"), text("page")];
  const [since, until] = [readInstant(text("since")), readInstant(text("until"))];
  return {
    ...(to !== undefined && { recipient: to }),
    ...(from !== undefined && { sender: from }),
    ...(address !== undefined && { address }),
    ...(words !== undefined && { text: words }),
    ...(page !== undefined && { page }),
    ...(outcome !== undefined && { outcome: outcome as TraceOutcome }),
    ...(limit !== undefined && { limit: Number(limit) }),
    ...(since && { from: since }),
    ...(until && { to: until }),
  };
}

/** A date, an instant, or how long ago: `3d`, `3j`, `12h`. */
function readInstant(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const ago = /^(\d{1,4})([hdj])$/.exec(text);
  if (ago) return new Date(Date.now() - Number(ago[1]) * (ago[2] === "h" ? 3_600_000 : 86_400_000));
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new UsageError("La date s’écrit 2026-01-31, 2026-01-31T14:00, 3d ou 12h.");
  return date;
}

function format(row: TraceRow, language: Language, timeZone: string): string {
  const at = new Intl.DateTimeFormat(language === "fr" ? "fr-FR" : "en-GB", {
    dateStyle: "short",
    timeStyle: "medium",
    timeZone,
  }).format(row.at);
  const { subject, from } = phrases[language];
  const head = `${at}  ${row.sender || "<>"} → ${row.recipient || "—"}  ${words[language][row.outcome]}`;
  const details = [
    [row.status, row.detail].filter((part) => part !== "").join(" "),
    row.subject === "" ? "" : `${subject} : ${row.subject}`,
    row.messageId,
    row.remoteAddress === "" ? "" : `${from} ${row.remoteAddress}`,
  ].filter((part) => part !== "");
  return details.length === 0 ? head : `${head}\n    ${details.join("  ·  ")}`;
}
