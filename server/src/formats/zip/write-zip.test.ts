import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { writeZip, type ZipEntry } from "./write-zip.ts";

const date = new Date("2026-11-23T10:00:00Z");
const file = (path: string, content: string, compress = true): ZipEntry => ({
  path,
  modifiedAt: date,
  file: { size: Buffer.byteLength(content), compress, open: () => Readable.from([Buffer.from(content)]) },
});

test("entries come in order, with the end of a ZIP, compressed when asked", async () => {
  const text = "a".repeat(100_000);
  const loose = Buffer.concat(await writeZip([file("a.txt", text)]).toArray());
  const stored = Buffer.concat(await writeZip([file("a.txt", text, false)]).toArray());
  assert.ok(loose.length < 2_000 && stored.length > 100_000);
  assert.equal(loose.readUInt32LE(0), 0x04034b50);
  assert.equal(loose.readUInt32LE(loose.length - 22), 0x06054b50);
});

test("an archive of nothing is an archive", async () => {
  assert.equal(Buffer.concat(await writeZip([]).toArray()).length, 22);
});

test("an entry that breaks, cannot be opened or is shorter than it said breaks the archive", async () => {
  const broken = new Readable({
    read() {
      this.destroy(new Error("disk"));
    },
  });
  for (const open of [
    () => broken,
    () => Promise.reject(new Error("disk")),
    () => {
      throw new Error("disk");
    },
    () => Readable.from([Buffer.from("1")]),
  ]) {
    const archive = writeZip([
      file("a", "1"),
      { path: "b", modifiedAt: date, file: { size: 2, compress: false, open } },
      file("c", "3"),
    ]);
    await assert.rejects(archive.toArray(), /disk|unexpected number of bytes/);
  }
});

test("a list of entries that breaks breaks the archive", async () => {
  const entries = async function* () {
    yield file("a", "1");
    throw new Error("no more");
  };
  await assert.rejects(writeZip(entries()).toArray(), /no more/);
});

test("a reader that leaves ends the source, and nothing more is opened", async () => {
  let opened = 0;
  const sources: Readable[] = [];
  const endless = (path: string): ZipEntry => ({
    path,
    modifiedAt: date,
    file: {
      size: 1e9,
      compress: false,
      open: () => {
        opened++;
        const source = new Readable({
          read() {
            this.push(Buffer.alloc(65_536));
          },
        });
        sources.push(source);
        return source;
      },
    },
  });
  const archive = writeZip([endless("a"), endless("b")]);
  for await (const _ of archive) break;
  await new Promise((resolve) => (sources[0]!.closed ? resolve(undefined) : sources[0]!.once("close", resolve)));
  assert.equal(opened, 1);
});

test("dates that a ZIP cannot hold are brought within", async () => {
  for (const modifiedAt of [new Date(0), new Date("9999-01-01"), new Date(Number.NaN), new Date("0001-01-01")]) {
    const archive = await writeZip([{ ...file("a", "1"), modifiedAt }]).toArray();
    assert.ok(archive.length > 0);
  }
});

test("names that lead outside are refused", async () => {
  for (const path of ["../a", "/a", "C:a", "a/../../b"]) {
    await assert.rejects(writeZip([file(path, "x")]).toArray(), /path/);
  }
});
