import type { Method } from "../method.ts";

/** RFC 8620 section 4. */
export const coreEcho: Method<"Core/echo"> = async (_context, given) => given;
