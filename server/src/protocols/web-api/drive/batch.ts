import type * as Api from "@bouquet/contract/drive.ts";
import type { DriveNode } from "../../../domain/drive/model.ts";
import { toHttpError } from "../../shared/translate-http-error.ts";
import { toApiNode } from "./to-api.ts";

/** Does one thing to each node, one after the other; what is refused for one does not stop the others. A bug or an outage does. */
export async function forEachNode(
  ids: readonly string[],
  act: (id: string) => Promise<DriveNode | undefined>,
): Promise<Api.BatchResult> {
  const results: Api.BatchResult["results"] = [];
  for (const id of ids) {
    try {
      const node = await act(id);
      results.push({ id, node: node ? toApiNode(node) : null, error: null });
    } catch (thrown) {
      const error = toHttpError(thrown);
      if (!error || error.body.code === "unavailable") throw thrown;
      const { code, message, reason } = error.body;
      results.push({
        id,
        node: null,
        error: { code, message, ...(reason !== undefined && { reason: reason as Api.DriveErrorReason }) },
      });
    }
  }
  return { results };
}
