import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { after, before, describe, test } from "node:test";
import { sql } from "kysely";
import { Random } from "../fuzz/random.ts";
import { type DavSuite, startDavSuite } from "../harness/dav-suite.ts";
import {
  assertSameTrees,
  type Computers,
  type DesktopClient,
  hashOfText,
  openComputers,
  readTree,
} from "../harness/desktop-client.ts";
import type { TownPerson } from "../harness/town-hall.ts";
import { until } from "../harness/until.ts";

let dav: DavSuite;
let computers: Computers;
before(async () => {
  [dav, computers] = await Promise.all([startDavSuite(), openComputers()]);
});
after(async () => {
  await computers?.remove();
  await dav?.close();
});

let people = 0;

interface Setting {
  who: TownPerson;
  clients: DesktopClient[];
}

/** A person nobody else knows, with some computers. In each lies something that nobody changes: a client that sees all change asks. */
async function set(count: number, quota?: number): Promise<Setting> {
  const letters = "abcdefghijklmnopqrstuvwxyz";
  const who = await dav.addPerson(`Odile ${letters[Math.floor(people / 26)]}${letters[people++ % 26]}`, quota);
  const clients: DesktopClient[] = [];
  for (let n = 0; n < count; n++) clients.push(await computers.add(dav.base, who, `${people}-${n}`));
  const kept = await dav.ask(who, "PUT", dav.filesOf(who, "/gard%C3%A9"), {}, "gardé");
  assert.equal(kept.status, 201);
  return { who, clients };
}

/** How many entries `set` made. */
const kept = 1;

let edits = 0;

/** Each edit has a date of its own: clients know a change by date and size. */
async function write(client: DesktopClient, name: string, content: string | Uint8Array): Promise<void> {
  const path = client.path(name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  const at = 1_700_000_000 + edits++ * 10;
  await utimes(path, at, at);
}

const read = (client: DesktopClient, name: string): Promise<string> => readFile(client.path(name), "utf8");

async function syncAll(...clients: readonly DesktopClient[]): Promise<void> {
  for (const client of clients) await client.syncWell();
}

describe("two computers of one person", () => {
  test("hold the same after a first synchronization: folders, empty files, files in one piece and in several", async () => {
    const { clients } = await set(2);
    const [a, b] = clients as [DesktopClient, DesktopClient];
    await write(a, "un.txt", "un\n");
    await write(a, "vide", "");
    await write(a, "dossier/sous/deux.txt", "deux\n");
    await write(a, "dossier/vide.txt", "");
    await mkdir(a.path("dossier/rien"));
    await write(a, "neuf.bin", randomBytes(9_000_000));
    await write(a, "vingt-cinq.bin", randomBytes(25_000_000));
    await write(b, "de-b.txt", "de b");
    await syncAll(a, b, a);
    const tree = await assertSameTrees(a, b);
    assert.equal(tree.size, 10 + kept);
    // Dates come along.
    for (const name of ["un.txt", "vingt-cinq.bin", "vide"]) {
      assert.equal((await stat(b.path(name))).mtimeMs, (await stat(a.path(name))).mtimeMs, name);
    }
  });

  test("tell each other what was edited, in small and in large files", async () => {
    const { clients } = await set(2);
    const [a, b] = clients as [DesktopClient, DesktopClient];
    await write(a, "notes/a.txt", "première version");
    await write(a, "grand.bin", randomBytes(12_000_000));
    await syncAll(a, b);
    await write(b, "notes/a.txt", "deuxième version, plus longue");
    await syncAll(b, a);
    assert.equal(await read(a, "notes/a.txt"), "deuxième version, plus longue");
    await write(a, "notes/a.txt", "");
    await write(a, "grand.bin", randomBytes(26_000_000));
    await syncAll(a, b);
    assert.equal(await read(b, "notes/a.txt"), "");
    await write(b, "grand.bin", "plus qu'une ligne");
    await write(b, "notes/a.txt", "de nouveau quelque chose");
    await syncAll(b, a);
    await assertSameTrees(a, b);
    await truncate(a.path("notes/a.txt"), 3);
    await syncAll(a, b);
    assert.equal(await read(b, "notes/a.txt"), "de ");
  });

  test("tell each other what was renamed and moved, files and trees, and send no content again", async () => {
    const { who, clients } = await set(2);
    const [a, b] = clients as [DesktopClient, DesktopClient];
    for (let n = 0; n < 10; n++) await write(a, `projet/plans/plan ${n}.txt`, `plan ${n}`);
    await write(a, "projet/lettre.txt", "lettre");
    await write(a, "un", "contenu de un");
    await write(a, "deux", "contenu de deux !");
    await mkdir(a.path("archives"));
    await syncAll(a, b);
    const countVersions = async (): Promise<number> =>
      (
        await sql<{
          count: number;
        }>`SELECT count(*) AS count FROM file_version WHERE account_id = ${who.accountId}`.execute(
          dav.domain.store.read,
        )
      ).rows[0]!.count;
    const before = await countVersions();
    await rename(a.path("projet/lettre.txt"), a.path("projet/courrier.txt"));
    await rename(a.path("projet/plans"), a.path("archives/plans de 2025"));
    await syncAll(a, b);
    await assertSameTrees(a, b);
    await rename(b.path("projet/courrier.txt"), b.path("courrier.txt"));
    await rename(b.path("archives"), b.path("Archives"));
    await syncAll(b, a);
    const tree = await assertSameTrees(a, b);
    assert.ok(tree.has("Archives/plans de 2025/plan 3.txt"), [...tree.keys()].join());
    assert.equal(await countVersions(), before);
    // Two names exchanged.
    await rename(a.path("un"), a.path("x"));
    await rename(a.path("deux"), a.path("un"));
    await rename(a.path("x"), a.path("deux"));
    await syncAll(a, b);
    assert.equal(await read(b, "un"), "contenu de deux !");
    assert.equal(await read(b, "deux"), "contenu de un");
    await assertSameTrees(a, b);
    // Renamed and edited at once.
    await rename(b.path("un"), b.path("trois"));
    await write(b, "trois", "contenu de trois, tout autre");
    await syncAll(b, a);
    await assertSameTrees(a, b);
    // A folder into another that is new, and a name that becomes free again.
    await mkdir(a.path("neuf/profond"), { recursive: true });
    await rename(a.path("Archives"), a.path("neuf/profond/Archives"));
    await write(a, "Archives", "maintenant un fichier");
    await syncAll(a, b);
    await assertSameTrees(a, b);
  });

  test("tell each other what was deleted, files and trees; it is in the trash", async () => {
    const { who, clients } = await set(2);
    const [a, b] = clients as [DesktopClient, DesktopClient];
    for (const name of ["a.txt", "b.txt", "dossier/c.txt", "dossier/sous/d.txt"]) await write(a, name, name);
    await syncAll(a, b);
    await rm(b.path("a.txt"));
    await rm(b.path("dossier"), { recursive: true });
    await syncAll(b, a);
    assert.deepEqual([...(await assertSameTrees(a, b)).keys()].sort(), ["b.txt", "gardé"]);
    const trash = await dav.ask(who, "PROPFIND", `/remote.php/dav/trashbin/${who.uid}/trash`, { depth: "1" });
    const names = [...trash.body.matchAll(/\/trash\/([^<]*?)\.d\d+/g)].map(([, name]) => name);
    assert.deepEqual(names.sort(), ["a.txt", "dossier"]);
    // A file becomes a folder, and the other way round.
    await rm(a.path("b.txt"));
    await write(a, "b.txt/dedans.txt", "dedans");
    await syncAll(a, b);
    await assertSameTrees(a, b);
    await rm(b.path("b.txt"), { recursive: true });
    await write(b, "b.txt", "de nouveau un fichier");
    await syncAll(b, a);
    // The client keeps a folder that gives way to a file, under another name and to itself.
    assert.equal(await read(a, "b.txt"), "de nouveau un fichier");
    const left = [...(await readTree(a.directory)).keys()].filter((name) => !name.includes("(conflicted copy "));
    assert.deepEqual(left.sort(), ["b.txt", "gardé"]);
  });
});

describe("conflicts lose nothing", () => {
  /** What any of the files of a computer holds. */
  const contentsOf = async (client: DesktopClient): Promise<string[]> => [
    ...(await readTree(client.directory)).values(),
  ];

  test("both edited: the first wins the name, the other keeps its own beside it", async () => {
    const { clients } = await set(2);
    const [a, b] = clients as [DesktopClient, DesktopClient];
    await write(a, "partagé.txt", "au départ");
    await syncAll(a, b);
    await write(a, "partagé.txt", "version de a");
    await write(b, "partagé.txt", "version de b, plus longue");
    await syncAll(a, b);
    assert.equal(await read(b, "partagé.txt"), "version de a");
    const contents = await contentsOf(b);
    assert.ok(contents.includes(hashOfText("version de a")));
    assert.ok(contents.includes(hashOfText("version de b, plus longue")));
    await syncAll(a, b);
    assert.equal(await read(a, "partagé.txt"), "version de a");
  });

  test("both made a file of one name", async () => {
    const { clients } = await set(2);
    const [a, b] = clients as [DesktopClient, DesktopClient];
    await write(a, "nouveau.txt", "fait par a");
    await write(b, "nouveau.txt", "fait par b, autrement");
    await write(a, "égal.txt", "le même");
    await writeFile(b.path("égal.txt"), "le même");
    const { mtimeMs } = await stat(a.path("égal.txt"));
    await utimes(b.path("égal.txt"), mtimeMs / 1_000, mtimeMs / 1_000);
    await syncAll(a, b, a);
    const contents = await contentsOf(b);
    assert.ok(contents.includes(hashOfText("fait par a")) && contents.includes(hashOfText("fait par b, autrement")));
    assert.equal(contents.filter((content) => content === hashOfText("le même")).length, 1);
  });

  test("one deleted what the other edited: the edit stays", async () => {
    const { clients } = await set(2);
    const [a, b] = clients as [DesktopClient, DesktopClient];
    await write(a, "dossier/gardé.txt", "au départ");
    await write(a, "dossier/autre.txt", "autre");
    await syncAll(a, b);
    await rm(a.path("dossier"), { recursive: true });
    await write(b, "dossier/gardé.txt", "modifié pendant ce temps");
    await write(b, "dossier/neuf.txt", "fait pendant ce temps");
    await syncAll(a, b, a, b);
    await assertSameTrees(a, b);
    assert.equal(await read(a, "dossier/gardé.txt"), "modifié pendant ce temps");
    assert.equal(await read(a, "dossier/neuf.txt"), "fait pendant ce temps");
  });

  test("one renamed what the other edited: the edit goes along", async () => {
    const { clients } = await set(2);
    const [a, b] = clients as [DesktopClient, DesktopClient];
    await write(a, "ancien.txt", "au départ");
    await write(a, "tiroir/lettre.txt", "lettre");
    await syncAll(a, b);
    await rename(a.path("ancien.txt"), a.path("nouveau.txt"));
    await rename(a.path("tiroir"), a.path("armoire"));
    await write(b, "ancien.txt", "modifié sous l'ancien nom");
    await write(b, "tiroir/ajout.txt", "ajouté sous l'ancien nom");
    await syncAll(a, b, a, b);
    const tree = await assertSameTrees(a, b);
    assert.ok([...tree.values()].includes(hashOfText("modifié sous l'ancien nom")));
    assert.ok([...tree.values()].includes(hashOfText("ajouté sous l'ancien nom")));
  });

  test("both renamed one thing differently: its content is there", async () => {
    const { clients } = await set(2);
    const [a, b] = clients as [DesktopClient, DesktopClient];
    await write(a, "chose.txt", "la chose");
    await syncAll(a, b);
    await rename(a.path("chose.txt"), a.path("chose de a.txt"));
    await rename(b.path("chose.txt"), b.path("chose de b.txt"));
    await syncAll(a, b, a, b);
    const tree = await assertSameTrees(a, b);
    assert.ok([...tree.values()].includes(hashOfText("la chose")));
  });
});

describe("names", () => {
  const odd = [
    "été.txt",
    'l\'apostrophe et "guillemets".txt',
    "100 %.txt",
    "%41%2F.txt",
    "dièse # et question ?.txt",
    "esperluette & plus + égal =.txt",
    "point virgule ; virgule , deux points :.txt",
    "étoile * barre | chevrons <>.txt",
    "crochets [1] {2} (3).txt",
    "accent grave ` tilde ~ chapeau ^.txt",
    "arobase @ dollar $ point !.txt",
    "😀🌻👩‍👩‍👧.txt",
    "日本語のファイル.txt",
    "עברית.txt",
    "CON",
    "aux.txt",
    "NUL",
    "trailing.",
    "...trois points",
    "double  espace.txt",
    "Majuscule.txt",
    "majuscule.txt",
    `${"é".repeat(120)}.txt`,
  ];

  test("of any kind come through, as files and as folders", async () => {
    const { clients } = await set(2);
    const [a, b] = clients as [DesktopClient, DesktopClient];
    for (const name of odd) {
      await write(a, name, `fichier ${name}`);
      await write(a, `dossiers/${name}/${name}`, `dans ${name}`);
    }
    await syncAll(a, b);
    const tree = await assertSameTrees(a, b);
    assert.equal(tree.size, odd.length * 3 + 1 + kept);
    for (const [index, name] of odd.entries())
      await rename(b.path(name), b.path(`renommé ${index} ${name}`.slice(0, 120)));
    await rename(b.path("dossiers"), b.path("dossiers #2 100%"));
    await syncAll(b, a);
    await assertSameTrees(a, b);
  });

  test("in another normal form are one name, and no content is lost", async () => {
    const { clients } = await set(2);
    const [a, b] = clients as [DesktopClient, DesktopClient];
    const decomposed = "de\u0301compose\u0301.txt";
    await write(a, decomposed, "écrit par un Mac");
    const first = await a.sync();
    await b.syncWell();
    assert.equal(await read(b, decomposed.normalize("NFC")), "écrit par un Mac", first.output.slice(-2_000));
    await write(b, decomposed.normalize("NFC"), "récrit sous Linux");
    await b.syncWell();
    await a.sync();
    await a.sync();
    const contents = [...(await readTree(a.directory)).values()];
    assert.ok(contents.includes(hashOfText("récrit sous Linux")));
  });
});

describe("what goes wrong", () => {
  test("a wrong password: nothing is changed on either side, and the exit code says so", async () => {
    const { clients } = await set(1);
    const [a] = clients as [DesktopClient];
    await write(a, "local.txt", "local");
    const { code } = await a.sync({ password: "faux-mot-de-passe" });
    assert.notEqual(code, 0);
    assert.equal(await read(a, "local.txt"), "local");
    await a.syncWell();
  });

  test("a full drive: what fits is there, the rest stays local, and comes once there is room", async () => {
    const { who, clients } = await set(2, 20_000_000);
    const [a, b] = clients as [DesktopClient, DesktopClient];
    await write(a, "petit.txt", "petit");
    await write(a, "grand.bin", randomBytes(25_000_000));
    await write(a, "moyen.bin", randomBytes(8_000_000));
    const { code } = await a.sync();
    assert.notEqual(code, 0);
    await b.syncWell();
    const there = await readTree(b.directory);
    assert.deepEqual([...there.keys()].sort(), ["gardé", "moyen.bin", "petit.txt"]);
    assert.equal((await stat(a.path("grand.bin"))).size, 25_000_000);
    await sql`UPDATE quota SET limit_bytes = 100000000 WHERE account_id = ${who.accountId} AND area = 'files'`.execute(
      dav.domain.store.read,
    );
    // The client waits long before it tries again what failed, unless it was touched.
    const now = Date.now() / 1_000;
    await utimes(a.path("grand.bin"), now, now);
    await syncAll(a, b);
    await assertSameTrees(a, b);
  });

  test("a lock that another program holds: the file waits, and comes once the lock has expired", async () => {
    const { who, clients } = await set(2);
    const [a, b] = clients as [DesktopClient, DesktopClient];
    await write(a, "verrouillé.txt", "au départ");
    await syncAll(a, b);
    const body = `<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope><d:locktype><d:write/></d:locktype></d:lockinfo>`;
    const path = dav.filesOf(who, `/${encodeURIComponent("verrouillé.txt")}`);
    const lock = await dav.ask(who, "LOCK", path, { timeout: "Second-3600" }, body);
    assert.equal(lock.status, 200, lock.body);
    await write(a, "verrouillé.txt", "modifié sous le verrou");
    await write(a, "libre.txt", "libre");
    await a.sync();
    assert.equal(await read(a, "verrouillé.txt"), "modifié sous le verrou");
    await b.syncWell();
    assert.equal(await read(b, "verrouillé.txt"), "au départ");
    assert.equal(await read(b, "libre.txt"), "libre");
    await sql`UPDATE node_lock SET expires_at = now() - interval '1 second' WHERE account_id = ${who.accountId}`.execute(
      dav.domain.store.read,
    );
    await until("the file comes", async () => {
      await a.sync();
      await b.sync();
      return (await read(b, "verrouillé.txt")) === "modifié sous le verrou";
    });
    await syncAll(a, b);
    await assertSameTrees(a, b);
  });
});

test("three computers end alike, whatever each does before it is its turn", async () => {
  const { clients } = await set(3);
  const random = new Random(20_261_123);
  const folders = ["", "x", "x/y", "z"];
  await write(clients[0]!, "x/y/départ.txt", "départ");
  await write(clients[0]!, "z/départ.txt", "départ");
  await syncAll(...clients);
  for (let round = 0; round < 6; round++) {
    for (const [index, client] of clients.entries()) {
      for (let step = 0; step < 4; step++) await change(client, random, folders, `${round}-${index}-${step}`);
    }
    for (const client of random.pick([clients, clients.toReversed(), [clients[1]!, clients[2]!, clients[0]!]])) {
      await client.syncWell();
    }
  }
  await syncAll(...clients, ...clients, ...clients);
  const trees = await Promise.all(
    clients.map(async ({ directory }) =>
      [...(await readTree(directory))].filter(([name]) => !name.includes("(conflicted copy ")).sort(),
    ),
  );
  assert.ok(trees[0]!.length > 10);
  assert.deepEqual(trees[1], trees[0]);
  assert.deepEqual(trees[2], trees[0]);
});

/** One thing that a person does with a file of theirs, or a new one. */
async function change(client: DesktopClient, random: Random, folders: readonly string[], mark: string): Promise<void> {
  const tree = await readTree(client.directory);
  const files = [...tree]
    .filter(([name, content]) => content !== "folder" && name !== "gardé" && !name.includes("("))
    .map(([name]) => name);
  const place = (): string => {
    const folder = random.pick(folders.filter((name) => name === "" || tree.get(name) === "folder"));
    return folder === "" ? "" : `${folder}/`;
  };
  const what = random.pick(["new", "edit", "rename", "move", "delete"] as const);
  if (what === "new" || files.length < 4) return write(client, `${place()}n ${mark}.txt`, `nouveau ${mark}`);
  const one = random.pick(files);
  if (what === "edit") return write(client, one, `modifié ${mark} ${"x".repeat(random.below(50))}`);
  if (what === "delete") return rm(client.path(one));
  const to =
    what === "rename" ? `${dirname(one) === "." ? "" : `${dirname(one)}/`}r ${mark}.txt` : `${place()}m ${mark}.txt`;
  await rename(client.path(one), client.path(to));
}

test("two thousand small files come in one run, and go in one", async () => {
  const { clients } = await set(2);
  const [a, b] = clients as [DesktopClient, DesktopClient];
  for (let n = 0; n < 2_000; n++) await write(a, `d${n % 20}/fichier ${n}.txt`, `contenu du fichier ${n}\n`);
  await syncAll(a, b);
  assert.equal((await assertSameTrees(a, b)).size, 2_020 + kept);
  // Fewer than what stops a computer that deletes too much.
  await rm(b.path("d3"), { recursive: true });
  await syncAll(b, a);
  assert.equal((await assertSameTrees(a, b)).size, 1_919 + kept);
});
