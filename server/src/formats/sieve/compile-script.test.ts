// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables are those of Sieve
import assert from "node:assert/strict";
import { test } from "node:test";
import { compileScript, SieveSyntaxErrors } from "./compile-script.ts";

function faultsOf(script: string): string[] {
  try {
    compileScript(script);
    return [];
  } catch (error) {
    if (!(error instanceof SieveSyntaxErrors)) throw error;
    return error.errors.map(({ position, message }) => `${position.line}:${position.column} ${message}`);
  }
}

for (const [what, script] of [
  ["nothing", ""],
  ["comments only", "# one\r\n/* two\r\n * three */\r\n"],
  ["LF line ends", 'require "fileinto";\nfileinto "x";\n'],
  ["a byte order mark", "\ufeffkeep;"],
  ["names in any case", 'REQUIRE "FileInto";'.replace("FileInto", "fileinto")],
  ["a multi-line string with doubled dots", 'require "reject";\nreject text: # why\n..a\n.b\n.\n;\n'],
  ["a number with a quantifier", "if size :over 10M { discard; }"],
  ["tags in any order", 'require "fileinto"; if header :comparator "i;octet" :contains "a" "b" { keep; }'],
  ["both comparators that need no extension", 'require ["comparator-i;octet", "comparator-i;ascii-casemap"];'],
  ["a trailing return", 'require "include"; return;'],
  ["vacation-seconds alone", 'require "vacation-seconds"; vacation :seconds 3600 "x";'],
  ["a variable named text", 'require "variables"; set "text" "${text}";'],
] as const) {
  test(`a script with ${what} is right`, () => assert.deepEqual(faultsOf(script), []));
}

for (const [script, fault] of [
  ["keep", "1:5 Expected “;” or a block, found the end of the script"],
  ["keep;\r\n  nonsense;", "2:3 There is no command “nonsense”"],
  ["if true { keep; ", "1:17 Expected a command or “}”, found the end of the script"],
  ['fileinto "x";', '1:1 fileinto needs “require "fileinto";”'],
  ['require "unknown";', "1:9 The extension “unknown” is not supported"],
  ['keep; require "fileinto";', "1:7 require comes before all other commands"],
  ['if true { require "fileinto"; }', "1:11 require comes before all other commands"],
  ["else { keep; }", "1:1 else without if"],
  ["if true { keep; } keep; elsif true { stop; }", "1:25 elsif without if"],
  ["if keep { stop; }", "1:4 There is no test “keep”"],
  ["header;", "1:1 header is a test: it comes after if"],
  ["if { keep; }", "1:1 if needs one test"],
  ["if (true, false) { keep; }", "1:1 if needs one test"],
  ["if allof true { keep; }", "1:4 allof needs tests in parentheses"],
  ["if not (true) { keep; }", "1:4 not needs one test"],
  ["if true keep;", "1:1 if needs a block"],
  ["keep { stop; }", "1:1 keep takes no block"],
  ["stop 1;", "1:6 stop has an argument too many"],
  ["discard\nkeep;", "2:1 discard takes no test: is a “;” missing before “keep”?"],
  ['redirect "not an address";', "1:10 “not an address” is not an e-mail address"],
  ['redirect "a@b.example", "c@d.example";', "1:23 Expected “;” or a block, found “,”"],
  ['if header :is :contains "a" "b" {}', "1:15 :contains cannot be used with :is"],
  ['if header :is :is "a" "b" {}', "1:15 :is is given twice"],
  ['if header :wrong "a" "b" {}', "1:11 header has no tag :wrong"],
  ['if header "a" :is "b" {}', "1:15 Tags come before the other arguments"],
  ['if header "a" {}', "1:4 header needs a list of strings: what to look for"],
  ['require "editheader"; addheader "a:" "b";', "1:33 “a:” is not the name of a header field"],
  [
    'require ["editheader", "encoded-character"]; addheader "a" "b${hex:00}";',
    "1:60 A header field cannot hold the character NUL",
  ],
  ['require "enotify"; notify :options "sound" "mailto:a@b";', "1:36 “sound” is not an option of the form name=value"],
  [
    'require "enotify"; notify "mailto:a@b?h:=c";',
    "1:27 Notifications go to a mailto: URI with at most eight addresses",
  ],
  ['require ["fileinto", "encoded-character"]; fileinto "x${hex:ff}";', "1:53 This is not the name of a mailbox"],
  ['if address "subject" "c" {}', "1:12 The field subject holds no addresses"],
  ['if header :comparator "i;nothing" "a" "b" {}', "1:23 There is no comparator “i;nothing”"],
  [
    'if header :comparator "i;ascii-numeric" "a" "b" {}',
    '1:23 The comparator i;ascii-numeric needs “require "comparator-i;ascii-numeric";”',
  ],
  [
    'require "comparator-i;ascii-numeric"; if header :contains :comparator "i;ascii-numeric" "a" "1" {}',
    "1:49 :contains cannot be used with i;ascii-numeric",
  ],
  ['require "relational"; if header :count "xx" "a" "1" {}', "1:40 “xx” is not gt, ge, lt, le, eq or ne"],
  ["if size 100 {}", "1:4 size needs :over or :under"],
  ['if size :over "100" {}', "1:15 size needs a number: a size"],
  ["if size :over 10X {}", "1:15 This is not a number"],
  ["if size :over 99999999999999999999 {}", "1:15 This number is too large"],
  ['if exists ["a" "b"] {}', "1:16 Expected “,” or “]”, found a string"],
  ["if exists [] {}", "1:12 Expected a string, found “]”"],
  ['keep "unfinished', "1:6 This string does not end"],
  ["/* unfinished", "1:1 This comment does not end"],
  ['require "reject"; reject text:\nabc\n', "1:26 This text does not end: a line with only “.” is missing"],
  ["keep; \u0007", "1:7 “U+0007” is not expected here"],
  ["keep;\n\0", "2:1 A script has no NUL"],
  ['require "encoded-character"; if header "a" "${unicode:D800}" {}', "1:44 There is no character d800"],
  ['require "variables"; set "a b" "c";', "1:26 There is no variable “a b”"],
  ['require "variables"; set "${a}" "c";', "1:26 The name of a variable holds no variable"],
  ['require "variables"; set :lower :upper "a" "c";', "1:33 :upper cannot be used with :lower"],
  ['require "variables"; keep; if string "${a.b}" "c" {}', "1:38 There is no variable “a.b”"],
  ['require "regex"; if header :regex "a" "(" {}', "1:39 The regular expression cannot be used: “(” without “)”"],
  ['require "imap4flags"; addflag "v" "x";', '1:31 addflag with a variable needs “require "variables";”'],
  ['require ["date"]; if date "date" "century" "20" {}', "1:34 “century” is not a part of a date"],
  ['require ["date"]; if date :zone "CET" "date" "year" "20" {}', "1:33 “CET” is not a time zone such as +0100"],
  ['require ["index"]; if header :last "a" "b" {}', "1:30 :last needs :index"],
  ['require ["index"]; if header :index 0 "a" "b" {}', "1:37 :index counts from 1"],
  ['require "vacation"; vacation :days 1 :days 2 "x";', "1:38 :days is given twice"],
  ['require "vacation"; vacation :seconds 1 "x";', '1:30 :seconds needs “require "vacation-seconds";”'],
  ['require "enotify"; notify "xmpp:a@b";', "1:27 Notifications go to a mailto: URI with at most eight addresses"],
  [
    'require ["fileinto", "special-use", "mailboxid"]; fileinto :specialuse "\\\\Junk" :mailboxid "a" "b";',
    "1:81 :mailboxid cannot be used with :specialuse",
  ],
  ['require ["include", "variables"]; include "${x}";', "1:43 The name of a script holds no variable"],
] as const) {
  test(`the script ${JSON.stringify(script)} is refused where it is wrong`, () => {
    assert.deepEqual(faultsOf(script), [fault]);
  });
}

test("all the errors of a script are told, up to twenty", () => {
  assert.deepEqual(
    faultsOf("nothing;\nif header :is {\n  wrong;\n}\nkeep 1;\n").map((fault) => fault.split(" ", 1)[0]),
    ["1:1", "2:4", "3:3", "5:6"],
  );
  assert.equal(faultsOf("nothing;\n".repeat(100)).length, 20);
});

test("a thousand blocks or tests in one another are refused before they exhaust the stack", () => {
  assert.match(faultsOf(`${"if true {".repeat(1_000)}${"}".repeat(1_000)}`)[0]!, /nested at most 32 deep/);
  assert.match(faultsOf(`if ${"not ".repeat(100_00)}true { keep; }`)[0]!, /nested at most 32 deep/);
  assert.match(faultsOf(`if ${"allof(".repeat(1_000)}true${")".repeat(1_000)} { keep; }`)[0]!, /nested at most 32/);
  assert.deepEqual(faultsOf(`${"if true {".repeat(31)}${"}".repeat(31)}`), []);
});

test("a script of more than 256 KiB is refused", () => {
  assert.match(faultsOf(`# ${"x".repeat(300_000)}`)[0]!, /at most 262144 octets/);
});

test("whatever is cut out of a script, or put in, is understood or refused with a place", () => {
  const script = `require ["fileinto", "variables", "regex", "vacation", "relational", "date", "imap4flags"];
if anyof (header :matches ["from", "to"] "*@*", not size :over 10K, date :value "ge" "date" "year" "2026") {
  set :lower "x" "\${1} \${2}"; fileinto :flags ["\\\\Seen", "$x"] "A/\${x}"; # note
} elsif header :regex "subject" "^(a|b)+[[:digit:]]{2,3}$" { vacation :days 3 text:
Absent
.
; stop; } else { discard; }
`;
  const pieces = [
    '"',
    "{",
    "}",
    "(",
    ")",
    ";",
    "[",
    "text:\n",
    "\n.\n",
    "/*",
    "#",
    ":is",
    "9".repeat(30),
    "\\",
    "é",
    ",",
  ];
  let state = 7;
  const random = (below: number) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
  let refused = 0;
  for (let round = 0; round < 3_000; round++) {
    let changed = script;
    for (let edits = random(3) + 1; edits > 0; edits--) {
      const at = random(changed.length + 1);
      changed =
        changed.slice(0, at) + (random(2) === 0 ? pieces[random(pieces.length)]! : "") + changed.slice(at + random(12));
    }
    for (const fault of faultsOf(changed)) {
      refused++;
      assert.match(fault, /^[1-9]\d*:[1-9]\d* /);
    }
  }
  assert.ok(refused > 1_000);
});
