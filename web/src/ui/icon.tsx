import type { LucideIcon } from "lucide-react";
import { cx } from "./cx.ts";

export type { LucideIcon };

interface IconProps {
  readonly of: LucideIcon;
  /** 16, 20 (default) or 24 px; the rail sets its own 22. */
  readonly size?: "sm" | "md" | "lg";
  readonly className?: string;
}

/** A Lucide drawing in the suite's stroke. Always decorative: the word stands beside it or in the button's label. */
export function Icon({ of: Drawing, size = "md", className }: IconProps) {
  return (
    <Drawing
      aria-hidden="true"
      focusable="false"
      strokeWidth={1.75}
      className={cx("i", size === "sm" && "i-sm", size === "lg" && "i-lg", className)}
    />
  );
}
