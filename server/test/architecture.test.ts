import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { checkImports, type Manifest, type Manifests } from "./architecture/check-imports.ts";
import { readImports, type SourceFile } from "./architecture/read-imports.ts";

const root = resolve(import.meta.dirname, "../..");
const folders = ["contract/src", "server/src", "server/test", "web/src", "e2e", "bench", "scripts"];

function readSources(): readonly SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => ({ path: path.slice(root.length + 1), text: readFileSync(path, "utf8") })),
  );
}

function readManifests(): Manifests {
  const read = (folder: string) => JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
  return { "": read(""), contract: read("contract"), server: read("server"), web: read("web") };
}

test("the program keeps the rules of ARCHITECTURE.md", () => {
  assert.deepEqual(checkImports(readSources(), readManifests()), []);
});

const manifests: Manifests = {
  "": { devDependencies: { imapflow: "1" } },
  server: { dependencies: { pg: "1" }, devDependencies: { "@types/pg": "1" } },
  web: { dependencies: { react: "1" } },
  contract: {},
};

/** Each file is its path followed by the lines of its text. */
function check(...files: readonly (readonly [path: string, ...lines: string[]])[]): readonly string[] {
  return checkImports(
    files.map(([path, ...lines]) => ({ path, text: lines.join("\n") })),
    manifests,
  );
}

test("a protocol that imports another protocol is refused", () => {
  assert.deepEqual(
    check(
      ["server/src/protocols/imap/login.ts", "import { x } from '../smtp/greet.ts';"],
      ["server/src/protocols/smtp/greet.ts"],
    ),
    [
      "server/src/protocols/imap/login.ts imports server/src/protocols/smtp/greet.ts: a protocol imports no other protocol",
    ],
  );
});

test("a type import across protocols is refused like any other", () => {
  assert.equal(
    check(
      ["server/src/protocols/imap/a.ts", "import type {\n  X,\n} from '../jmap/b.ts';"],
      ["server/src/protocols/jmap/b.ts"],
    ).length,
    1,
  );
});

test("the one named edge between protocols is allowed in its direction only", () => {
  assert.deepEqual(
    check(
      ["server/src/protocols/nextcloud/a.ts", "import { x } from '../dav/b.ts';"],
      ["server/src/protocols/dav/b.ts"],
    ),
    [],
  );
  assert.equal(
    check(
      ["server/src/protocols/dav/a.ts", "import { x } from '../nextcloud/b.ts';"],
      ["server/src/protocols/nextcloud/b.ts"],
    ).length,
    1,
  );
});

test("protocols may import what they share, which may import none of them", () => {
  assert.deepEqual(
    check(
      ["server/src/protocols/imap/a.ts", "import { x } from '../shared/b.ts';"],
      ["server/src/protocols/shared/b.ts"],
    ),
    [],
  );
  assert.equal(
    check(["server/src/protocols/shared/a.ts", "import { x } from '../imap/b.ts';"], ["server/src/protocols/imap/b.ts"])
      .length,
    1,
  );
});

test("a domain that imports a protocol is refused", () => {
  assert.deepEqual(
    check(
      ["server/src/domain/mail/deliver.ts", "import { x } from '../../protocols/smtp/greet.ts';"],
      ["server/src/protocols/smtp/greet.ts"],
    ),
    ["server/src/domain/mail/deliver.ts imports server/src/protocols/smtp/greet.ts: domain may not import protocols"],
  );
});

test("a protocol that reaches into the store is refused, for a type too", () => {
  assert.equal(
    check(
      ["server/src/protocols/dav/a.ts", "import type { Row } from '../../store/drive/row.ts';"],
      ["server/src/store/drive/row.ts"],
    ).length,
    1,
  );
});

test("an area of the domain imports only the areas before it", () => {
  assert.deepEqual(
    check(["server/src/domain/mail/a.ts", "import { x } from '../drive/b.ts';"], ["server/src/domain/drive/b.ts"]),
    [],
  );
  assert.deepEqual(
    check(["server/src/domain/drive/b.ts", "import { x } from '../mail/a.ts';"], ["server/src/domain/mail/a.ts"]),
    ["server/src/domain/drive/b.ts imports server/src/domain/mail/a.ts: mail comes after drive in the order of areas"],
  );
});

test("an area without a place in the order is refused", () => {
  assert.equal(
    check(["server/src/domain/misc/a.ts", "import { x } from '../identity/b.ts';"], ["server/src/domain/identity/b.ts"])
      .length,
    1,
  );
});

test("errors and events are for every area and import none", () => {
  assert.deepEqual(
    check(
      [
        "server/src/domain/identity/a.ts",
        "import { x } from '../events/b.ts';",
        "import { DomainError } from '../errors.ts';",
      ],
      ["server/src/domain/events/b.ts"],
      ["server/src/domain/errors.ts"],
    ),
    [],
  );
  assert.equal(
    check(["server/src/domain/events/a.ts", "import { x } from '../mail/b.ts';"], ["server/src/domain/mail/b.ts"])
      .length,
    1,
  );
});

test("outbound takes types from the domain and nothing that runs", () => {
  const domain = ["server/src/domain/mail/relay.ts"] as const;
  assert.deepEqual(
    check(["server/src/outbound/smtp-client/a.ts", "import type { Relay } from '../../domain/mail/relay.ts';"], domain),
    [],
  );
  assert.equal(
    check(["server/src/outbound/smtp-client/a.ts", "import { Relay } from '../../domain/mail/relay.ts';"], domain)
      .length,
    1,
  );
});

test("a circle of files is refused, one of types too", () => {
  const problems = check(
    ["server/src/net/a.ts", "import { b } from './b.ts';"],
    ["server/src/net/b.ts", "import type { C } from './c.ts';"],
    ["server/src/net/c.ts", "export { a } from './a.ts';"],
  );
  assert.equal(problems.length, 1);
  assert.match(problems[0]!, /^a circle of imports: .*net\/a\.ts/);
});

test("two circles that share no file are both named", () => {
  assert.equal(
    check(
      ["server/src/net/a.ts", "import { b } from './b.ts';"],
      ["server/src/net/b.ts", "import { a } from './a.ts';"],
      ["web/src/mail/c.tsx", "import { d } from './d.tsx';"],
      ["web/src/mail/d.tsx", "import { c } from './c.tsx';"],
    ).length,
    2,
  );
});

test("a package that the workspace does not declare is refused", () => {
  assert.deepEqual(
    check([
      "server/src/store/a.ts",
      "import { x } from 'left-pad/lib/y';",
      "import pg from 'pg';",
      "import fs from 'node:fs';",
    ]),
    ["server/src/store/a.ts imports left-pad, which server/package.json does not declare in its dependencies"],
  );
});

test("a package of another workspace does not count as declared", () => {
  assert.equal(check(["server/src/net/a.ts", "import { x } from 'react';"]).length, 1);
});

test("a development package serves tests and not the program", () => {
  assert.deepEqual(check(["server/src/net/a.test.ts", "import { ImapFlow } from 'imapflow';"]), []);
  assert.equal(check(["server/src/net/a.ts", "import { ImapFlow } from 'imapflow';"]).length, 1);
});

test("the web that imports the server is refused, and the contract is open to both", () => {
  assert.equal(
    check(["web/src/api/a.ts", "import { x } from '../../../server/src/net/b.ts';"], ["server/src/net/b.ts"]).length,
    1,
  );
  assert.deepEqual(
    check(
      ["web/src/api/a.ts", "import { x } from '@bouquet/contract/errors.ts';"],
      ["server/src/protocols/jmap/a.ts", "import { x } from '@bouquet/contract/errors.ts';"],
      ["contract/src/errors.ts"],
    ),
    [],
  );
  assert.equal(
    check(
      ["server/src/domain/mail/a.ts", "import { x } from '@bouquet/contract/errors.ts';"],
      ["contract/src/errors.ts"],
    ).length,
    1,
  );
});

test("the environment is read by the configuration alone", () => {
  assert.equal(check(["server/src/net/a.ts", "const home = process.env.HOME;"]).length, 1);
  assert.equal(check(["server/src/net/a.ts", "import { env } from 'node:process';"]).length, 1);
  assert.deepEqual(
    check(["server/src/main.ts", "loadConfig({ env: process.env });"], ["server/src/config/a.ts", "process.env;"]),
    [],
  );
});

test("the program that imports its tests is refused", () => {
  assert.equal(
    check(["server/src/app.ts", "import { x } from '../test/harness/a.ts';"], ["server/test/harness/a.ts"]).length,
    1,
  );
});

test("dynamic imports and the files of threads count as imports", () => {
  assert.deepEqual(
    readImports(
      "const a = await import('./a.ts');\nnew Worker(new URL('../b.ts', import.meta.url));\nimport './c.ts';\n",
    ).map(({ specifier }) => specifier),
    ["./c.ts", "./a.ts", "../b.ts"],
  );
});

test("an import in a comment is none", () => {
  assert.deepEqual(readImports("// import a from './a.ts';\n/*\nimport b from './b.ts';\n*/\n"), []);
});
