import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { type WritableFile, writePieces } from "./write-pieces.ts";

const mebibyte = 2 ** 20;

/** A file in memory, and what is under way on it. */
class FakeFile implements WritableFile {
  bytes: Buffer[] = [];
  syncs: string[] = [];
  underWay = 0;

  async write(bytes: Uint8Array, offset: number, length: number): Promise<{ bytesWritten: number }> {
    this.bytes.push(Buffer.from(bytes.subarray(offset, offset + length)));
    return { bytesWritten: length };
  }

  async datasync(): Promise<void> {
    this.syncs.push("early");
  }

  async sync(): Promise<void> {
    this.syncs.push("last");
  }

  protected async later<T>(answer: () => T): Promise<T> {
    this.underWay++;
    await new Promise((resolve) => setImmediate(resolve));
    this.underWay--;
    return answer();
  }
}

class EndlessFile extends FakeFile {
  override async write(_bytes: Uint8Array, _offset: number, length: number): Promise<{ bytesWritten: number }> {
    return { bytesWritten: length };
  }
}

const always = { ensureRoom: async () => undefined };

async function* repeated(piece: Uint8Array, times: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < times; index++) yield piece;
}

function failing(code: string): never {
  throw Object.assign(new Error(code), { code });
}

test("a system that takes less than it is given is given the rest", async () => {
  const file = new (class extends FakeFile {
    override write(bytes: Uint8Array, offset: number, length: number) {
      return super.write(bytes, offset, Math.min(length, 100_001));
    }
  })();
  const whole = randomBytes(1_000_000);
  await writePieces(file, repeated(whole, 2), { ...always, early: { running: 0 } });
  assert.ok(Buffer.concat(file.bytes).equals(Buffer.concat([whole, whole])));
  assert.deepEqual(file.syncs, ["last"]);
});

test("much is synced ahead of the end, unless another is just doing so", async () => {
  const alone = new EndlessFile();
  const early = { running: 0 };
  await writePieces(alone, repeated(Buffer.alloc(mebibyte), 200), { ...always, early });
  assert.deepEqual(alone.syncs, ["early", "early", "early", "last"]);
  assert.equal(early.running, 0);
  const beside = new EndlessFile();
  await writePieces(beside, repeated(Buffer.alloc(mebibyte), 200), { ...always, early: { running: 1 } });
  assert.deepEqual(beside.syncs, ["last"]);
});

test("an early sync that fails fails the write: the last one would not tell it again", async () => {
  const file = new (class extends EndlessFile {
    override datasync(): Promise<void> {
      return this.later(() => failing("EIO"));
    }
  })();
  const early = { running: 0 };
  const bytes = repeated(Buffer.alloc(mebibyte), 65);
  await assert.rejects(writePieces(file, bytes, { ...always, early }), { code: "EIO" });
  assert.deepEqual({ ...early, underWay: file.underWay }, { running: 0, underWay: 0 });
});

for (const [what, file, breaksAt, code] of [
  [
    "a write fails",
    new (class extends FakeFile {
      override write(): Promise<never> {
        return this.later(() => failing("EIO"));
      }
    })(),
    Number.POSITIVE_INFINITY,
    "EIO",
  ],
  [
    "the source breaks while a piece is written",
    new (class extends FakeFile {
      override write(_bytes: Uint8Array, _offset: number, length: number) {
        return this.later(() => ({ bytesWritten: length }));
      }
    })(),
    300_000,
    "ECONNRESET",
  ],
] as const) {
  test(`when ${what}, the source is ended and nothing is under way any more`, async () => {
    let isEnded = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (let sent = 0; sent < breaksAt; sent += 60_000) yield Buffer.alloc(60_000);
        failing("ECONNRESET");
      } finally {
        isEnded = true;
      }
    }
    await assert.rejects(writePieces(file, source(), { ...always, early: { running: 0 } }), { code });
    assert.deepEqual({ isEnded, underWay: file.underWay }, { isEnded: true, underWay: 0 });
  });
}

test("no room found before a piece refuses it", async () => {
  const file = new FakeFile();
  let asked = 0;
  const ensureRoom = async (): Promise<void> => {
    if (++asked > 2) failing("ENOSPC");
  };
  const written = writePieces(file, repeated(Buffer.alloc(mebibyte), 20), { ensureRoom, early: { running: 0 } });
  await assert.rejects(written, { code: "ENOSPC" });
  assert.equal(file.bytes.length, 2);
});
