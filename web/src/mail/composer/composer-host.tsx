import type { ReactNode } from "react";

export function ComposerHost({ children }: { children: ReactNode }) {
  return children;
}
