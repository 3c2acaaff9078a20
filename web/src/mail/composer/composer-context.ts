import type { Id } from "@bouquet/contract/jmap.ts";
import { createContext, useContext } from "react";

/** What to write. */
export type ComposeRequest =
  | { readonly kind: "new"; readonly accountId: Id; readonly to?: string }
  | { readonly kind: "reply" | "replyAll" | "forward"; readonly accountId: Id; readonly emailId: Id }
  | { readonly kind: "draft"; readonly accountId: Id; readonly emailId: Id };

export const ComposerContext = createContext<(request: ComposeRequest) => void>(() => undefined);

/** Opens the composer; what it held is kept as a draft. */
export function useCompose(): (request: ComposeRequest) => void {
  return useContext(ComposerContext);
}
