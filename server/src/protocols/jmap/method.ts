import type { Id, MethodError } from "@bouquet/contract/jmap.ts";
import type { JmapMethodName, ResponseOf } from "@bouquet/contract/jmap-methods.ts";
import type { Viewer } from "../../domain/identity/viewer.ts";
import type { AccountDirectory } from "./account-directory.ts";
import type { JmapDeps } from "./jmap-deps.ts";
import type { JsonObject } from "./read-arguments.ts";

/** What one method call may use. */
export interface CallContext {
  readonly deps: JmapDeps;
  readonly viewer: Viewer;
  readonly accounts: AccountDirectory;
  /** Creation ids of the request and the ids that the objects got. */
  readonly createdIds: Map<Id, Id>;
  /** Adds a response of another method after this call's own (RFC 8621 section 7.5). */
  follow<M extends JmapMethodName>(name: M, response: ResponseOf<M>): void;
  follow(name: "error", response: MethodError): void;
}

/** A method: reads its arguments, answers with those of its response. Throws MethodFailure or DomainError. */
export type Method<M extends JmapMethodName> = (context: CallContext, given: JsonObject) => Promise<ResponseOf<M>>;

/** The id that `#creationId` stands for; the text itself when it names none, which then is not found. */
export function resolveId(context: Pick<CallContext, "createdIds">, reference: string): string {
  return reference.startsWith("#") ? (context.createdIds.get(reference.slice(1)) ?? reference) : reference;
}
