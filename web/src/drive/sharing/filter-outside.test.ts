import assert from "node:assert/strict";
import { test } from "node:test";
import type { NodeShare, OutsideLink } from "@bouquet/contract/drive.ts";
import { filterOutside } from "./filter-outside.ts";

const node = { id: "1", name: "Délibération", kind: "file", accountId: "a" } as const;
const link = (label: string, change: Partial<OutsideLink["link"]> = {}): OutsideLink => ({
  link: {
    ...{
      id: label,
      url: null,
      node,
      rights: ["read"],
      mayDownload: true,
      downloadLimit: null,
      downloadCount: 0,
      label,
    },
    ...{ note: null, recipient: null, hasPassword: true, expiresAt: "2027-01-01T00:00:00Z", createdBy: "Léa Martin" },
    ...{ createdAt: "2026-11-01T00:00:00Z", state: "active", openedCount: 0, lastOpenedAt: null },
    ...change,
  },
  space: "Commune",
  path: ["Conseil", "Délibération"],
});
const share: NodeShare = {
  ...{
    number: 1,
    node,
    rights: ["read"],
    owner: "Commune",
    createdBy: "Léa Martin",
    createdAt: "2026-11-01T00:00:00Z",
  },
  ...{ expiresAt: null, note: null },
  with: { uid: "u", name: "Dora", kind: "person", address: "dora@val.example", organization: "Val-Perdu" },
};
const outside = {
  links: [
    link("Géomètre", { hasPassword: false, recipient: "geo@bornes.example" }),
    link("Notaire", { expiresAt: null }),
    link("Dépôt", { rights: ["create"] }),
    link("Ancien", { state: "expired", hasPassword: false }),
  ],
  shares: [share],
};
const names = (...filter: [Parameters<typeof filterOutside>[1], string]) => {
  const { links, shares } = filterOutside(outside, ...filter);
  return [...links.map((each) => each.link.label), ...shares.map((each) => each.with.name)];
};

test("each kind shows what it says, and what is over is no risk any more", () => {
  assert.deepEqual(names("all", ""), ["Géomètre", "Notaire", "Dépôt", "Ancien", "Dora"]);
  assert.deepEqual(names("no_password", ""), ["Géomètre"]);
  assert.deepEqual(names("no_end", ""), ["Notaire", "Dora"]);
  assert.deepEqual(names("changes", ""), ["Dépôt"]);
  assert.deepEqual(names("over", ""), ["Ancien"]);
  assert.deepEqual(names("organizations", ""), ["Dora"]);
});

test("words are found in any order, case and accents, in places, people and addresses", () => {
  assert.deepEqual(names("all", " GEOMETRE "), ["Géomètre"]);
  assert.deepEqual(names("all", "bornes deliberation"), ["Géomètre"]);
  assert.deepEqual(names("all", "conseil ancien"), ["Ancien"]);
  assert.deepEqual(names("all", "val-perdu"), ["Dora"]);
  assert.deepEqual(names("all", "nobody"), []);
});
