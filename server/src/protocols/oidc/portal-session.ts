import { AsyncLocalStorage } from "node:async_hooks";
import type { OpenSession } from "../../domain/identity/sessions.ts";

/**
 * The portal's session of the request that the provider is handling, if it carries one. The provider's own session is only a
 * shadow of it: it is found, and valid, with this one alone.
 */
export const portalSession = new AsyncLocalStorage<OpenSession | undefined>();
