import type { Id, SetError, SetResponse } from "@bouquet/contract/jmap.ts";
import { MethodFailure, SetFailure } from "./jmap-errors.ts";
import { type CallContext, resolveId } from "./method.ts";
import { id, type JsonObject, listOf, mapOf, nullable, object, reference, text } from "./read-arguments.ts";
import { toSetError } from "./translate-error.ts";

/** RFC 8620 section 5.3. */
export const setShape = {
  accountId: id,
  ifInState: nullable(text),
  create: nullable(mapOf(id, object)),
  update: nullable(mapOf(reference, object)),
  destroy: nullable(listOf(reference)),
};

export interface SetRequest {
  create: Map<Id, JsonObject>;
  update: Map<Id, JsonObject>;
  destroy: Id[];
}

/** @throws MethodFailure `requestTooLarge` */
export function readSetRequest(
  context: CallContext,
  given: {
    create: Map<Id, JsonObject> | undefined;
    update: Map<Id, JsonObject> | undefined;
    destroy: Id[] | undefined;
  },
): SetRequest {
  const create = given.create ?? new Map<Id, JsonObject>();
  const update = new Map([...(given.update ?? [])].map(([each, patch]) => [resolveId(context, each), patch] as const));
  const destroy = [...new Set((given.destroy ?? []).map((each) => resolveId(context, each)))];
  requireSetSize(context, create.size + update.size + destroy.length);
  return { create, update, destroy };
}

/** @throws MethodFailure `requestTooLarge` */
export function requireSetSize(context: CallContext, objects: number): void {
  const most = context.deps.limits.maxObjectsInSet;
  if (objects > most) throw new MethodFailure("requestTooLarge", `At most ${most} objects are changed at once`);
}

/** @throws MethodFailure `stateMismatch` */
export function requireState(expected: string | undefined, state: string): void {
  if (expected !== undefined && expected !== state) throw new MethodFailure("stateMismatch");
}

/** What became of each object of a /set call. */
export class SetReport<T> {
  readonly #context: CallContext;
  readonly created = new Map<Id, Partial<T> & { id: Id }>();
  readonly updated = new Map<Id, Partial<T> | null>();
  readonly destroyed: Id[] = [];
  readonly notCreated = new Map<Id, SetError>();
  readonly notUpdated = new Map<Id, SetError>();
  readonly notDestroyed = new Map<Id, SetError>();

  constructor(context: CallContext) {
    this.#context = context;
  }

  /** Creates one object; later calls may then refer to it. */
  create(creationId: Id, work: () => Promise<Partial<T> & { id: Id }>): Promise<void> {
    return this.#attempt(this.notCreated, creationId, async () => {
      const made = await work();
      this.created.set(creationId, made);
      this.#context.createdIds.set(creationId, made.id);
    });
  }

  update(objectId: Id, work: () => Promise<Partial<T> | null>): Promise<void> {
    return this.#attempt(this.notUpdated, objectId, async () => {
      this.updated.set(objectId, await work());
    });
  }

  destroy(objectId: Id, work: () => Promise<unknown>): Promise<void> {
    return this.#attempt(this.notDestroyed, objectId, async () => {
      await work();
      this.destroyed.push(objectId);
    });
  }

  /** An object that would be changed and then destroyed is only destroyed. */
  refuseUpdatesOf(destroyed: readonly Id[], update: Map<Id, JsonObject>): void {
    for (const each of destroyed) {
      if (update.delete(each)) this.notUpdated.set(each, { type: "willDestroy" });
    }
  }

  response(accountId: Id, oldState: string, newState: string): SetResponse<T> {
    return {
      accountId,
      oldState,
      newState,
      created: asObject(this.created),
      updated: asObject(this.updated),
      destroyed: this.destroyed.length > 0 ? this.destroyed : null,
      notCreated: asObject(this.notCreated),
      notUpdated: asObject(this.notUpdated),
      notDestroyed: asObject(this.notDestroyed),
    };
  }

  /** One object that fails leaves the others alone: what was done before is done. */
  async #attempt(failures: Map<Id, SetError>, key: Id, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      failures.set(key, toSetErrorOrFail(this.#context, error));
    }
  }
}

/** The SetError of something thrown; a bug is logged and told as `serverFail`. */
export function toSetErrorOrFail(context: CallContext, thrown: unknown): SetError {
  const known = toSetError(thrown);
  if (known) return known;
  context.deps.log.error({ error: thrown }, "an object of a JMAP request could not be changed");
  return { type: "serverFail" };
}

/** Null when empty, as RFC 8620 has it; keys such as `__proto__` stay keys. */
export function asObject<T>(map: ReadonlyMap<string, T>): Record<string, T> | null {
  return map.size > 0 ? Object.fromEntries(map) : null;
}

export function invalidProperties(properties: string[], description?: string): SetFailure {
  return new SetFailure({ type: "invalidProperties", properties, ...(description !== undefined && { description }) });
}
