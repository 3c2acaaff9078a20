import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Right } from "../../src/domain/access/account-access.ts";
import { openAccount } from "../../src/domain/access/account-access.ts";
import { grantAccount } from "../../src/domain/access/grant-account.ts";
import { createDriveRoot } from "../../src/domain/drive/create-drive-root.ts";
import { createFolder } from "../../src/domain/drive/create-folder.ts";
import { readRootId } from "../../src/domain/drive/read-root-id.ts";
import { createTag } from "../../src/domain/drive/tags/manage-tags.ts";
import { uploadFile } from "../../src/domain/drive/upload-file.ts";
import { addGroupMembers } from "../../src/domain/identity/add-group-members.ts";
import { createPrincipal } from "../../src/domain/identity/create-principal.ts";
import { type DavAnswer, type DavSuite, startDavSuite } from "../harness/dav-suite.ts";
import { createTownHall, type TownPerson } from "../harness/town-hall.ts";

/*
 * Every call that names a file by its number, by everybody to whom the file is shared in some way, and by who is not.
 */

interface Case {
  readonly name: string;
  readonly person: TownPerson;
  readonly fileId: number;
  readonly may: { readonly read: boolean; readonly write: boolean; readonly tag: boolean };
}

let suite: DavSuite;
const cases: Case[] = [];
let tagNumber: number;

before(async () => {
  suite = await startDavSuite();
  const { domain, hall } = suite;
  const { store } = domain;
  const owner = await hall.addPerson("Anne Martin");
  const tag = await createTag(store, owner.viewer, "Voirie");
  tagNumber = tag.number;
  const elsewhere = await createTownHall(domain, "Autre-Ville", "autre.example");
  const rootId = await readRootId(store.read, owner.access);
  let count = 0;

  /** A file two folders down, shared at the upper one. */
  async function makeFile(): Promise<{ folderId: string; fileId: number }> {
    const upper = await createFolder(domain, owner.access, { parentId: rootId, name: `Dossier ${++count}` });
    const lower = await createFolder(domain, owner.access, { parentId: upper.id, name: "Bas" });
    const { node } = await uploadFile(domain, owner.access, { folderId: lower.id, name: "f.txt" }, Buffer.from("x"));
    return { folderId: upper.id, fileId: node.fileId };
  }
  const share = (nodeId: string, grantee: TownPerson["viewer"], rights: readonly Right[], expiresAt?: Date) => {
    const target = { organizationId: owner.organizationId, accountId: owner.accountId, nodeId };
    return store.transact((tx) => grantAccount(tx, target, grantee, rights, { expiresAt: expiresAt ?? null }));
  };
  const letters = "abcdefghijklmnopqrstuvwxyz";
  const newPerson = (place = hall) => place.addPerson(`Personne ${letters[count % 26]}${letters[cases.length]}`);

  const { fileId: ownId } = await makeFile();
  cases.push({ name: "the owner", person: owner, fileId: ownId, may: { read: true, write: true, tag: true } });

  for (const rights of [
    ["read"],
    ["read", "write"],
    ["read", "create"],
    ["read", "write", "create", "delete", "share"],
  ] as Right[][]) {
    const write = rights.includes("write");
    const alone = await newPerson();
    const first = await makeFile();
    await share(first.folderId, alone.viewer, rights);
    cases.push({
      name: `a colleague with ${rights}`,
      person: alone,
      fileId: first.fileId,
      may: { read: true, write, tag: write },
    });

    const member = await newPerson();
    const second = await makeFile();
    const group = await store.transact(async (tx) => {
      const made = await createPrincipal(tx, hall.organizationId, {
        kind: "group",
        displayName: `Groupe ${count}`,
        quotas: { mail: 0, files: 0 },
      });
      await addGroupMembers(tx, made, [member.principalId]);
      return made;
    });
    await share(second.folderId, group as unknown as TownPerson["viewer"], rights);
    cases.push({
      name: `a member of a group with ${rights}`,
      person: member,
      fileId: second.fileId,
      may: { read: true, write, tag: write },
    });

    const abroad = await newPerson(elsewhere);
    const third = await makeFile();
    await share(third.folderId, abroad.viewer, rights);
    cases.push({
      name: `somebody of another commune with ${rights}`,
      person: abroad,
      fileId: third.fileId,
      may: { read: true, write, tag: false },
    });

    const worker = await newPerson();
    const team = await store.transact(async (tx) => {
      const made = await createPrincipal(tx, hall.organizationId, {
        kind: "team_folder",
        displayName: `Équipe ${count}`,
        quotas: { mail: 0, files: 1e6 },
      });
      await createDriveRoot(tx, made);
      await grantAccount(tx, made, owner.viewer, ["read", "write", "create"]);
      await grantAccount(tx, made, worker.viewer, rights);
      return made;
    });
    const access = await openAccount(store.read, owner.viewer, team.accountId);
    const { node } = await uploadFile(
      domain,
      access,
      { folderId: await readRootId(store.read, access), name: "t.txt" },
      Buffer.from("x"),
    );
    cases.push({
      name: `a member of a team folder with ${rights}`,
      person: worker,
      fileId: node.fileId,
      may: { read: true, write, tag: write },
    });
  }

  const nothing = { read: false, write: false, tag: false };
  const late = await newPerson();
  const ended = await makeFile();
  await share(ended.folderId, late.viewer, ["read", "write"], new Date(Date.now() + 3_600_000));
  await store.transact((tx) =>
    tx
      .updateTable("grant_received")
      .set({ expires_at: new Date(Date.now() - 1_000) })
      .where("collection_id", "=", ended.folderId)
      .execute(),
  );
  cases.push({ name: "somebody whose share has ended", person: late, fileId: ended.fileId, may: nothing });
  const former = await newPerson();
  const revoked = await makeFile();
  await share(revoked.folderId, former.viewer, ["read", "write"]);
  await share(revoked.folderId, former.viewer, []);
  cases.push({ name: "somebody whose share was taken back", person: former, fileId: revoked.fileId, may: nothing });
  cases.push({ name: "a colleague", person: await newPerson(), fileId: ownId, may: nothing });
  cases.push({ name: "a stranger", person: await newPerson(elsewhere), fileId: ownId, may: nothing });
});
after(() => suite?.close());

const json = { "content-type": "application/json" };
const form = { "content-type": "application/x-www-form-urlencoded" };

interface Call {
  readonly name: string;
  readonly needs: keyof Case["may"];
  readonly done: number;
  ask(given: Case): Promise<DavAnswer>;
}

const comments = ({ fileId }: Case) => `/remote.php/dav/comments/files/${fileId}`;
const lock = ({ fileId }: Case) => `/ocs/v2.php/apps/files_lock/lock/${fileId}?format=json`;
const relation = ({ fileId }: Case) => `/remote.php/dav/systemtags-relations/files/${fileId}`;

/** In this order: what one leaves behind the next one finds. */
const calls: readonly Call[] = [
  {
    name: "POST direct",
    needs: "read",
    done: 200,
    ask: (given) =>
      suite.ask(given.person, "POST", "/ocs/v2.php/apps/dav/api/v1/direct", form, `fileId=${given.fileId}`),
  },
  {
    name: "GET activity of the file",
    needs: "read",
    done: 200,
    ask: ({ person, fileId }) =>
      suite.ask(
        person,
        "GET",
        `/ocs/v2.php/apps/activity/api/v2/activity/filter?object_type=files&object_id=${fileId}`,
      ),
  },
  {
    name: "PROPFIND comments",
    needs: "read",
    done: 207,
    ask: (given) => suite.ask(given.person, "PROPFIND", comments(given), { depth: "1" }),
  },
  {
    name: "REPORT comments",
    needs: "read",
    done: 207,
    ask: (given) =>
      suite.ask(given.person, "REPORT", comments(given), {}, '<oc:filter-comments xmlns:oc="http://owncloud.org/ns"/>'),
  },
  {
    name: "POST a comment",
    needs: "read",
    done: 201,
    ask: (given) => suite.ask(given.person, "POST", comments(given), json, '{"message":"x"}'),
  },
  {
    name: "PROPFIND tags",
    needs: "read",
    done: 207,
    ask: (given) => suite.ask(given.person, "PROPFIND", relation(given), { depth: "1" }),
  },
  {
    name: "PUT a tag",
    needs: "tag",
    done: 201,
    ask: (given) => suite.ask(given.person, "PUT", `${relation(given)}/${tagNumber}`),
  },
  {
    name: "DELETE a tag",
    needs: "tag",
    done: 204,
    ask: (given) => suite.ask(given.person, "DELETE", `${relation(given)}/${tagNumber}`),
  },
  { name: "PUT a lock", needs: "write", done: 200, ask: (given) => suite.ask(given.person, "PUT", lock(given)) },
  { name: "DELETE a lock", needs: "write", done: 200, ask: (given) => suite.ask(given.person, "DELETE", lock(given)) },
];

test("every call by the number of a file does what the rights allow, and says nothing of what is not seen", async () => {
  const wrong: string[] = [];
  for (const given of cases) {
    for (const call of calls) {
      const { status, body } = await call.ask(given);
      const expected = given.may[call.needs] ? [call.done] : given.may.read ? [403, 404, 412] : [404];
      if (!expected.includes(status)) {
        wrong.push(`${call.name} by ${given.name}: ${status} instead of ${expected}: ${body.slice(0, 200)}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
  assert.equal(cases.length, 21);
});
