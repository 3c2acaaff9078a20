import type { ByteSource } from "../../../store/blobs/byte-source.ts";
import { DomainError } from "../../errors.ts";
import type { DeliveryDeps } from "../delivery/delivery-deps.ts";
import type { Decider } from "./decide-held.ts";
import { findHeld, readModerationLink } from "./held-message.ts";

/**
 * The whole message, attachments included, for who decides on it.
 * @throws DomainError `not_found`, `expired` (token)
 */
export async function openHeld(
  deps: Pick<DeliveryDeps, "store" | "blobs" | "secrets">,
  by: Decider,
): Promise<ByteSource> {
  const { read } = deps.store;
  const held =
    "token" in by ? await readModerationLink(read, deps.secrets, by.token) : await findHeld(read, by.viewer, by.heldId);
  const source = held.state === "held" ? await deps.blobs.open(read, held.organizationId, held.blobId) : undefined;
  if (!source) throw new DomainError("not_found", "There is no such message");
  return source;
}
