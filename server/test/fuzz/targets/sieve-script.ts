// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Sieve
import assert from "node:assert/strict";
import { compileScript, SieveSyntaxErrors } from "../../../src/formats/sieve/compile-script.ts";
import type { SieveHost } from "../../../src/formats/sieve/machine.ts";
import { runScript } from "../../../src/formats/sieve/run-script.ts";
import { viewText } from "../../harness/sieve-dialect.ts";
import { type FuzzTarget, kindOf } from "../target.ts";

const message = viewText(
  [
    "From: Préfecture <prefecture@etat.example>",
    'To: nadia+factures@bourg-fleuri.example, "b, c" <c@d.example>',
    "Subject: Arrêté [urgent] aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
    "Date: Mon, 23 Nov 2026 08:30:00 +0100",
    "X-Spam-Score: 12.5",
    "",
    "Bonjour,",
    "",
    "à lundi.",
    "",
  ].join("\n"),
  { from: "prefecture@etat.example", to: "nadia+factures@bourg-fleuri.example" },
);

const host: SieveHost = {
  now: new Date("2026-11-23T08:00:00Z"),
  timeZone: "Europe/Paris",
  mailboxExists: (name) => name.length % 2 === 0,
  mailboxIdExists: () => false,
  specialUseExists: () => true,
  wasSeen: () => false,
  findScript: (_place, name) => (name === "itself" ? compileScript('require "include"; include "itself";') : undefined),
};

/** Scripts that are compiled, then run with a small budget. */
export const sieveScript: FuzzTarget = {
  name: "sieve-script",
  maxBytes: 16_384,
  seeds: [
    'require ["fileinto", "imap4flags", "mailbox", "variables", "relational", "comparator-i;ascii-numeric", "subaddress", "copy"];\nif anyof (header :contains ["Subject", "X-Spam-Score"] ["urgent", "arrêté"], not size :over 1M, address :detail :is "to" "factures") {\n  set :upperfirst :length "n" "${1}";\n  fileinto :create :flags "\\\\Flagged" :copy "Dossiers/${n}";\n} elsif header :value "ge" :comparator "i;ascii-numeric" "X-Spam-Score" "10" { discard; stop; } else { keep; }\n',
    'require ["vacation", "vacation-seconds", "date", "index", "envelope", "body", "reject", "ereject", "editheader", "duplicate", "enotify", "relational", "regex", "special-use", "mailbox", "fileinto"];\nif allof (date :value "ge" "date" "hour" "09", currentdate :matches "weekday" "*", envelope :all :matches "from" "*@*.example", body :content "text" :contains "lundi") { vacation :days 7 :addresses ["a@b.example"] :subject "Absente" :handle "x" text:\nJe suis absente.\n..\n.\n; }\nif header :regex "subject" "^(A+)+!$" { addheader :last "X-Seen" "1"; deleteheader :index 1 "X-Old"; }\nif duplicate :uniqueid "x" { ereject "no"; }\nnotify :importance "1" :message "m" "mailto:a@b.example";\nfileinto :specialuse "\\\\Junk" "Indésirables";',
    'require ["include", "variables"];\nglobal "a";\ninclude :personal :once :optional "itself";\nif string :matches "${a}" "*" { return; }\n# comment\n/* another\n */\nredirect "x@y.example";',
  ],
  words: [
    "require",
    "if",
    "elsif",
    "else",
    "anyof (",
    "allof (",
    "not ",
    "header",
    "address",
    "envelope",
    "exists",
    "size",
    "true",
    "false",
    "stop;",
    "keep;",
    "discard;",
    "fileinto",
    "redirect",
    ":contains",
    ":matches",
    ":is",
    ":regex",
    ":value",
    ":count",
    ":comparator",
    ":over",
    ":copy",
    ":create",
    ":flags",
    ":days",
    ":mime",
    "text:\r\n",
    "\r\n.\r\n",
    "${",
    "}",
    "[",
    "]",
    '"',
    "\\\\",
    "1G",
    "9999999999K",
    "/*",
    "*/",
    "#",
    ";",
    "(a*)*b",
    "[[:alpha:]]{1,99}",
    "?*?*?*",
    "foreverypart",
    "include",
    "vacation",
    "duplicate",
  ],
  async run(input) {
    try {
      const program = compileScript(input.toString("utf8"));
      const { actions, failure } = await runScript(program, "fuzz", message, host);
      assert.ok(actions.length <= 40, "few actions");
      return `ran ${actions.map((action) => action.kind).join()} ${kindOf(failure?.message ?? "")}`;
    } catch (error) {
      if (error instanceof SieveSyntaxErrors) return kindOf(error.errors[0]!.message);
      throw error;
    }
  },
};
