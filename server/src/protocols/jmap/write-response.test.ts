import assert from "node:assert/strict";
import { test } from "node:test";
import type { JmapResponse } from "@bouquet/contract/jmap.ts";
import { writeResponse } from "./write-response.ts";

test("the pieces of a response are the JSON of it, long lists included", async () => {
  const list = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `é${index}` }));
  const response: JmapResponse = {
    methodResponses: [
      ["Email/get", { accountId: "a", list: list(101), notFound: [] }, "c0"],
      ["Email/get", { list: list(40) }, 'c"1'],
      ["Email/get", { list: [] }, "c2"],
      ["error", { type: "serverFail" }, "c3"],
    ],
    createdIds: { a: "b" },
    sessionState: "s",
  };
  for (const each of [response, { methodResponses: [], sessionState: "s" }]) {
    let text = "";
    for await (const piece of writeResponse(each)) text += piece;
    assert.deepEqual(JSON.parse(text), each);
  }
});
