import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type DriveWorld, openDriveWorld } from "../../../../test/harness/drive-world.ts";
import { openDrive } from "../../../domain/drive/open-drive.ts";
import { dav, nc, oc } from "../../../formats/dav-xml/xml-names.ts";
import { FileTree } from "./file-tree.ts";

let world: DriveWorld;
before(async () => {
  world = await openDriveWorld();
});
after(() => world.close());

/** The same reader, which counts the statements that are sent by it. */
function counting<T extends object>(reader: T): { reader: T; count(): number } {
  let count = 0;
  const proxy = new Proxy(reader, {
    get(target, name) {
      const value = Reflect.get(target, name, target) as unknown;
      if (typeof value !== "function") return value;
      return (...parameters: unknown[]) => {
        if (name === "getExecutor" || name === "selectFrom") count += 1;
        return Reflect.apply(value, target, parameters);
      };
    },
  });
  return { reader: proxy, count: () => count };
}

const names = [
  ...[dav("getetag"), dav("lockdiscovery"), dav("quota-used-bytes"), dav("resourcetype")],
  ...[oc("checksums"), oc("favorite"), oc("share-types"), oc("tags"), oc("comments-count"), oc("permissions")],
  ...[nc("lock"), nc("sharees"), nc("contained-file-count"), nc("upload_time"), "{urn:dead}property"],
] as const;

async function countStatements(files: number): Promise<number> {
  const organization = await world.organization(files > 10 ? "Bourg" : "Hameau");
  const person = await world.person(organization, "Nadia");
  await world.store.transact(async (tx) => {
    await tx
      .insertInto("drive_node")
      .values(
        Array.from({ length: files }, (_, index) => ({
          ...{ organization_id: organization, account_id: person.access.accountId, parent_id: person.rootId },
          ...{ name: `f${index}`, kind: index % 10 === 0 ? "folder" : "file" },
          ...{ created_modseq: 1, modseq: 1, tree_modseq: 1 },
        })),
      )
      .execute();
  });
  const drive = await openDrive(world.deps, person.viewer);
  const { reader, count } = counting(world.store.read);
  const store = Object.assign(Object.create(world.store) as typeof world.store, { read: reader });
  const deps = { ...world.deps, store, instance: "oc1", origin: "", mayHavePreview: () => false };
  const tree = new FileTree(deps, drive, "/files/nadia");
  const root = await tree.find([]);
  const children = await tree.children(root!);
  assert.equal(children.length, files);
  const properties = await tree.readProperties([root!, ...children], { kind: "prop", names: [...names] });
  for (const child of children) assert.ok(properties.element(child, dav("getetag")));
  return count();
}

test("a listing with all its properties takes as many statements for a thousand entries as for ten", async () => {
  const few = await countStatements(10);
  assert.ok(few > 5 && few < 20, String(few));
  assert.equal(await countStatements(1_000), few);
});
