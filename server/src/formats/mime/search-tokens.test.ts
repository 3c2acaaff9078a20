import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldNameClues, SearchRuns, searchClues, writeSeparators, writeTokens } from "./search-tokens.ts";

const unlimited = Number.POSITIVE_INFINITY;

function runsOf(text: string, pieceLength = 64 * 1024, limit = unlimited): { runs: SearchRuns; isWhole: boolean } {
  const runs = new SearchRuns();
  const pieces: string[] = [];
  for (let from = 0; from < text.length; from += pieceLength) pieces.push(text.slice(from, from + pieceLength));
  const collecting = runs.collect(pieces, limit);
  for (let step = collecting.next(); ; step = collecting.next()) if (step.done) return { runs, isWhole: step.value };
}

/** What the index says of a text in the body. */
function mayContain(text: string, sought: string, pieceLength?: number): boolean {
  const { runs } = runsOf(text, pieceLength);
  const written = {
    tokens: writeTokens(new SearchRuns(), runs).split("\n")[1]!,
    separators: writeSeparators(new SearchRuns(), runs).split("z")[1]!,
  };
  return searchClues(sought).clues.every((clue) => written[clue.in].includes(clue.text));
}

test("a text is runs of letters, digits and marks and runs of all else, each kept once", () => {
  const { runs } = runsOf("L'ÉCOLE, L’ÉCOLE 2026/11 – A\u0301B😀𝒳Y  2026");
  assert.deepEqual([...runs.tokens], ["L", "ÉCOLE", "2026", "11", "A\u0301B", "𝒳Y"]);
  assert.deepEqual([...runs.separators], ["'", ", ", "’", " ", "/", " – ", "😀", "  "]);
  assert.deepEqual([...runsOf("").runs.tokens], []);
});

test("one run decides where it stands; of several each leaves a clue", () => {
  assert.deepEqual(searchClues("CONSEIL"), { clues: [{ in: "tokens", text: "CONSEIL" }], decides: true });
  assert.deepEqual(searchClues(" – "), { clues: [{ in: "separators", text: " – " }], decides: true });
  assert.deepEqual(searchClues("ONSEIL DU MAIRE"), {
    clues: [
      { in: "tokens", text: "ONSEIL " },
      { in: "tokens", text: " MAIRE" },
      { in: "tokens", text: " DU " },
    ],
    decides: false,
  });
  assert.ok(searchClues("A-".repeat(5_000)).clues.length <= 6);
  assert.deepEqual(
    fieldNameClues("X-ODD").map((clue) => clue.text),
    [" ODD ", " X "],
  );
});

test("the index never hides a text, wherever pieces are cut, and tells exactly where single runs stand", () => {
  const text = "DU CONSEIL  MUNICIPAL,100% (A-B)\r\n\tÉTÉ; ZZZ…a--z FIN.";
  for (const pieceLength of [1, 2, 3, 7, 64]) {
    for (let from = 0; from < text.length; from++) {
      for (let to = from + 1; to <= Math.min(from + 12, text.length); to++) {
        assert.ok(
          mayContain(text, text.slice(from, to), pieceLength),
          `${text.slice(from, to)} in pieces of ${pieceLength}`,
        );
      }
    }
  }
  for (const absent of ["ONSEILM", "MUNICIPAL,10 ", "U CONSEILS", "--)", ",,", "B (", "0%("]) {
    assert.equal(mayContain(text, absent), false, absent);
  }
});

test("what has too many runs says so, even when it is one run without end", () => {
  assert.equal(runsOf("A B ".repeat(1_000_000), 64 * 1024, 1_000).isWhole, true);
  assert.equal(runsOf(Array.from({ length: 5_000 }, (_, index) => `W${index}`).join(" "), 100, 1_000).isWhole, false);
  assert.equal(runsOf("A".repeat(1_000_000), 64 * 1024, 100_000).isWhole, false);
});
