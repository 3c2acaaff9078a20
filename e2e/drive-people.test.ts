import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { openDrive } from "../server/src/domain/drive/open-drive.ts";
import { addGroupMembers } from "../server/src/domain/identity/add-group-members.ts";
import { createPrincipal } from "../server/src/domain/identity/create-principal.ts";
import { createShareLink } from "../server/src/domain/sharing/create-share-link.ts";
import { listSharesByMe } from "../server/src/domain/sharing/list-shares.ts";
import { shareNode } from "../server/src/domain/sharing/share-node.ts";
import { createTownHall, type TownPerson } from "../server/test/harness/town-hall.ts";
import { findViolations } from "./check-accessibility.ts";
import { type DriveWorld, type OpenedDrive, startDriveWorld } from "./drive-world.ts";

let world: DriveWorld;
let drive: OpenedDrive;
let page: Page;
let bruno: TownPerson;
let chloe: TownPerson;
let dora: TownPerson;

before(async () => {
  world = await startDriveWorld({ settings: { BOUQUET_SHARING_ACROSS_ORGANIZATIONS: "all" } });
  const { domain } = world.suite;
  [bruno, chloe] = [await world.hall.addPerson("Bruno Petit"), await world.hall.addPerson("Chloe Durand")];
  const val = await createTownHall(domain, "Val-Perdu", "val-perdu.example");
  dora = await val.addPerson("Dora Lambert");
  await domain.store.transact(async (tx) => {
    const group = await createPrincipal(tx, world.hall.organizationId, {
      ...{ kind: "group", displayName: "Conseil municipal" },
      quotas: { mail: 0, files: 0 },
    });
    await addGroupMembers(tx, group, [chloe.principalId]);
  });
  drive = await world.open();
  page = drive.page;
});
after(() => world?.close());

const dialog = () => page.getByRole("dialog", { name: /^Partager/ });
const personOf = (name: string) => dialog().locator(".people li", { hasText: name });
const toast = (text: string | RegExp) => page.getByRole("alertdialog").filter({ hasText: text });
const openDialog = async (name: string) => {
  await page.goto(`${world.suite.origins.drive}/`);
  await page.getByRole("button", { name: `Actions sur ${name}` }).click();
  await page.getByRole("menuitem", { name: "Partager", exact: true }).click();
  await dialog().waitFor();
};
/** As the server has them: who, number and rights. */
const sharesOf = async (nodeId: string) => {
  const shares = await listSharesByMe(world.suite.domain, world.lea.viewer);
  const those = shares.filter((share) => share.node.id === nodeId);
  return new Map(those.map((share) => [share.grantee.displayName, share]));
};
const rightsOf = async (nodeId: string, name: string) =>
  [...((await sharesOf(nodeId)).get(name)?.rights ?? [])].sort().join(" ");
const sees = async (person: TownPerson) =>
  (await openDrive(world.suite.domain, person.viewer)).mounts.map((mount) => mount.name);

async function give(name: string | RegExp, typed: string, level: string): Promise<void> {
  await dialog().getByRole("combobox").fill(typed);
  await dialog().getByRole("option", { name }).click();
  await dialog().getByRole("button", { name: "Ce qu’ils peuvent faire" }).click();
  await page.getByRole("option", { name: level }).click();
  await dialog().getByRole("button", { name: "Partager", exact: true }).click();
}

test("A colleague, a group and a person of another commune are each given their rights, which change and end", async () => {
  const folder = await world.folder("Marchés publics");
  await openDialog("Marchés publics");
  await dialog().getByText("Personne d’autre que vous n’y a accès par un partage.").waitFor();
  await give(/^Bruno Petit/, "bruno", "Peut lire et déposer");
  await personOf("Bruno Petit").waitFor();
  await give(/Conseil municipal.*groupe/, "conseil", "Peut modifier et partager");
  await personOf("Conseil municipal").waitFor();
  await give(/Dora Lambert.*Val-Perdu/, "dora.lambert@val-perdu.example", "Peut lire et télécharger");
  await personOf("Dora Lambert").getByText("Val-Perdu", { exact: true }).waitFor();
  assert.equal(await rightsOf(folder.id, "Bruno Petit"), "create read");
  assert.equal(await rightsOf(folder.id, "Conseil municipal"), "create delete read share write");
  assert.equal(await rightsOf(folder.id, "Dora Lambert"), "read");
  for (const person of [bruno, chloe, dora]) assert.deepEqual(await sees(person), ["Marchés publics"]);
  assert.deepEqual(await findViolations(page), []);

  // Who has it already is not offered again; whose address is typed whole is told so.
  await dialog().getByRole("combobox").fill("bruno.petit@bourg-fleuri.example");
  await page.keyboard.press("Enter");
  await dialog().getByRole("button", { name: "Partager", exact: true }).click();
  await dialog().getByText("C’est déjà partagé avec cette personne.").waitFor();

  await personOf("Bruno Petit").getByRole("button", { name: "Ce que peut faire Bruno Petit" }).click();
  await page.getByRole("option", { name: "Peut modifier ajouter" }).click();
  await toast("Les droits de Bruno Petit sont changés.").waitFor();
  assert.equal(await rightsOf(folder.id, "Bruno Petit"), "create delete read write");

  await personOf("Dora Lambert").getByRole("button", { name: "Retirer l’accès à Dora Lambert" }).click();
  await personOf("Dora Lambert").waitFor({ state: "detached" });
  assert.deepEqual(await sees(dora), []);
  await dialog().getByRole("button", { name: "Fermer", exact: true }).click();
  await page.goto(`${world.suite.origins.drive}/folder/${world.rootId}?node=${folder.id}`);
  const details = page.getByRole("complementary", { name: /Détails/ });
  await details.getByText("Conseil municipal").waitFor();
  await details.getByText("Peut modifier et partager").waitFor();
  assert.deepEqual(drive.complaints(), []);
});

test("By the keyboard alone somebody is given a folder with a message, an end to the hour, and it is undone", async () => {
  const folder = await world.folder("Agenda 2030");
  await openDialog("Agenda 2030");
  await dialog().getByRole("combobox").focus();
  await page.keyboard.type("chloe");
  await dialog()
    .getByRole("option", { name: /^Chloe Durand/ })
    .waitFor();
  await page.keyboard.press("Enter");
  const level = dialog().getByRole("button", { name: "Ce qu’ils peuvent faire" });
  await level.waitFor();
  await page.keyboard.press("Tab");
  await dialog().locator("button.select-btn:focus").waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.type("Pour jeudi");
  await dialog().getByRole("button", { name: "Ajouter une date de fin" }).press("Enter");
  await dialog().getByRole("button", { name: "Partager", exact: true }).press("Enter");
  await personOf("Chloe Durand").getByText("«\u00a0Pour jeudi\u00a0»").waitFor();
  await personOf("Chloe Durand")
    .getByText(/jusqu’au \d+ \S+ \d{4}/)
    .waitFor();

  const ends = personOf("Chloe Durand").getByRole("button", { name: "Fin du partage avec Chloe Durand" });
  await ends.press("Enter");
  const panel = page.getByRole("dialog", { name: "Fin du partage avec Chloe Durand" });
  await panel.getByLabel("Fin du partage").fill("2020-01-01");
  await panel.getByRole("button", { name: "Enregistrer" }).press("Enter");
  await panel.getByText("Choisissez une date à venir.").waitFor();
  await panel.getByLabel("Fin du partage").fill("2098-12-15");
  await panel.getByLabel("Heure").fill("17:30");
  assert.deepEqual(await findViolations(page), []);
  await page.keyboard.press("Enter");
  await toast("Le partage avec Chloe Durand prendra fin le 15 décembre 2098 à\u00a017:30.").waitFor();
  await personOf("Chloe Durand").getByText("jusqu’au 15 décembre 2098 à\u00a017:30").waitFor();
  const before = (await sharesOf(folder.id)).get("Chloe Durand");
  assert.equal(before?.expiresAt?.toISOString(), "2098-12-15T16:30:00.000Z");

  await personOf("Chloe Durand").getByRole("button", { name: "Retirer l’accès à Chloe Durand" }).press("Enter");
  await personOf("Chloe Durand").waitFor({ state: "detached" });
  assert.equal((await sharesOf(folder.id)).size, 0);
  await toast("Chloe Durand n’y a plus accès.").getByRole("button", { name: "Annuler" }).press("Enter");
  await personOf("Chloe Durand").getByText("jusqu’au 15 décembre 2098 à\u00a017:30").waitFor();
  assert.deepEqual((await sharesOf(folder.id)).get("Chloe Durand"), before, "the very same share");

  await ends.press("Enter");
  await panel.getByRole("button", { name: "Sans date de fin" }).press("Enter");
  await panel.getByRole("button", { name: "Enregistrer" }).press("Enter");
  await toast("Le partage avec Chloe Durand n’a plus de date de fin.").waitFor();
  assert.deepEqual(drive.complaints(), []);
});

test("Whoever receives finds it on a phone, in English, and leaves it", async () => {
  const folder = await world.folder("Voirie");
  const access = { ...world.lea.access, viewer: world.lea.viewer };
  await shareNode(world.suite.domain, access, folder.id, bruno, { rights: new Set(["read"]), note: "For you" });
  const phone = await world.open({ language: "en", width: 390, height: 844, theme: "dark" }, bruno);
  await phone.page.goto(`${world.suite.origins.drive}/shared`);
  const shared = phone.page.getByRole("row").filter({ hasText: "Voirie" });
  await shared.getByText("May read").waitFor();
  await shared.getByText(/Lea Martin · For you/).waitFor();
  assert.deepEqual(await findViolations(phone.page), []);
  await shared.getByRole("button", { name: "Leave the share “Voirie”" }).click();
  await phone.page.getByRole("alertdialog").getByRole("button", { name: "Leave" }).click();
  await shared.waitFor({ state: "detached" });
  assert.ok(!(await sees(bruno)).includes("Voirie"));
  assert.deepEqual(phone.complaints(), []);
  await phone.close();
});

test("The administrator finds among all that is open to the outside, ends it, and takes that back", async () => {
  const { domain } = world.suite;
  const admin = await world.hall.addPerson("Alice Roux", { roles: ["member_administrator"] });
  const access = { ...world.lea.access, viewer: world.lea.viewer };
  const folder = await world.folder("Cadastre");
  const policy = { ...domain, sharing: { acrossOrganizations: "all" as const } };
  const share = await shareNode(policy, access, folder.id, dora, { rights: new Set(["read"]) });
  await createShareLink(domain, access, folder.id, { label: "Géomètre", password: "haie-vive-1234" });
  await createShareLink(domain, access, (await world.folder("Voies douces")).id, { label: "Notaire" });

  const opened = await world.open({}, admin);
  const { page: his } = opened;
  await his.goto(`${world.suite.origins.drive}/shared`);
  await his.getByRole("link", { name: "Toute l’organisation" }).click();
  const rows = (name: string) => his.getByRole("row").filter({ hasText: name });
  await rows("Notaire").waitFor();
  assert.deepEqual(await findViolations(his), []);
  await his.getByLabel("Chercher dans cette liste").fill("cadastre geometre");
  await rows("Notaire").waitFor({ state: "detached" });
  await rows("Géomètre").waitFor();
  await his.getByLabel("Chercher dans cette liste").fill("");
  await his.getByRole("button", { name: "Montrer" }).click();
  await his.getByRole("option", { name: "Liens sans mot de passe" }).click();
  await rows("Géomètre").waitFor({ state: "detached" });
  await rows("Notaire")
    .getByRole("button", { name: /Fermer le lien/ })
    .click();
  await his.getByRole("alertdialog").getByRole("button", { name: "Fermer le lien" }).click();
  await his.getByText("Aucun partage ne correspond").waitFor();

  await his.getByRole("button", { name: "Montrer" }).click();
  await his.getByRole("option", { name: "Avec d’autres organisations" }).click();
  await rows("Dora Lambert")
    .getByRole("button", { name: "Retirer à Dora Lambert l’accès à «\u00a0Cadastre\u00a0»" })
    .click();
  await rows("Dora Lambert").waitFor({ state: "detached" });
  assert.deepEqual(await sees(dora), []);
  await his.getByRole("alertdialog").getByRole("button", { name: "Annuler" }).click();
  await rows("Dora Lambert").waitFor();
  assert.equal((await sharesOf(folder.id)).get("Dora Lambert")?.number, share.number);
  assert.deepEqual(opened.complaints(), []);
  await opened.close();
});
