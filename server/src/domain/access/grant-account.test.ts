import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import {
  makeOrganization,
  makePerson,
  type TestOrganization,
  type TestPerson,
} from "../../../test/harness/identity-suite.ts";
import { openTestStore, type TestStore } from "../../../test/harness/test-database.ts";
import { addGroupMembers } from "../identity/add-group-members.ts";
import { createPrincipal } from "../identity/create-principal.ts";
import { loadViewer } from "../identity/load-viewer.ts";
import { listAccounts, type Right } from "./account-access.ts";
import { grantAccount } from "./grant-account.ts";

let database: TestStore;
let organization: TestOrganization;
let owner: TestPerson;
before(async () => {
  database = await openTestStore();
  organization = await makeOrganization(database.store);
  owner = await makePerson(database.store, organization);
});
after(() => database.close());

const makeGroup = (name: string) =>
  database.store.transact((tx) =>
    createPrincipal(tx, organization.organizationId, {
      kind: "group",
      displayName: name,
      quotas: { mail: 0, files: 0 },
    }),
  );
const grant = (grantee: { organizationId: string; principalId: string }, rights: readonly Right[]) =>
  database.store.transact((tx) => grantAccount(tx, owner, grantee, rights));

async function epochOf(person: TestPerson): Promise<number> {
  const row = await database.store.read
    .selectFrom("principal")
    .select("grants_epoch")
    .where("id", "=", person.principalId)
    .executeTakeFirstOrThrow();
  return row.grants_epoch;
}

async function reaches(person: TestPerson): Promise<Right[]> {
  const viewer = await loadViewer(database.store.read, person);
  const found = (await listAccounts(database.store.read, viewer)).find((each) => each.accountId === owner.accountId);
  return [...(found?.rights ?? [])].sort();
}

test("a grant to a group moves the tokens of its members, through groups in groups and in a circle", async () => {
  const [inner, outer] = [await makeGroup("Accueil"), await makeGroup("Services")];
  const member = await makePerson(database.store, organization);
  const bystander = await makePerson(database.store, organization);
  await database.store.transact(async (tx) => {
    await addGroupMembers(tx, inner, [member.principalId, outer.principalId]);
    await addGroupMembers(tx, outer, [inner.principalId]);
  });
  const [before, untouched] = [await epochOf(member), await epochOf(bystander)];
  await grant(outer, ["read"]);
  assert.deepEqual(await reaches(member), ["read"]);
  assert.equal(await epochOf(member), before + 1);
  assert.equal(await epochOf(bystander), untouched);
  const late = await makeGroup("Ateliers");
  const worker = await makePerson(database.store, organization);
  await database.store.transact((tx) => addGroupMembers(tx, late, [worker.principalId]));
  const alone = await epochOf(worker);
  await database.store.transact((tx) => addGroupMembers(tx, outer, [late.principalId]));
  assert.deepEqual([await reaches(worker), await epochOf(worker)], [["read"], alone + 1]);
});

test("connections look again when rights shrink, and only then", async () => {
  const group = await makeGroup("Secrétariat");
  const member = await makePerson(database.store, organization);
  await database.store.transact((tx) => addGroupMembers(tx, group, [member.principalId]));
  const told: string[] = [];
  const stop = database.store.hints.subscribe("revoked", member.principalId, (hint) => hint && told.push(hint.id));
  await grant(group, ["read"]);
  await grant(group, ["read", "write"]);
  await grant(group, ["write", "read"]);
  assert.deepEqual(told, []);
  await grant(group, ["read"]);
  assert.deepEqual(told, [member.principalId]);
  await grant(group, []);
  assert.equal(told.length, 2);
  assert.deepEqual(await reaches(member), []);
  stop();
});
