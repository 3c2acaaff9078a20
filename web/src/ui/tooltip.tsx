import "./overlay.css";
import type { ReactElement } from "react";
import { Tooltip, TooltipTrigger } from "react-aria-components";

/** A tooltip for a react-aria button or link. It repeats or completes the label; nothing is only there. */
export function Hint({ text, children }: { text: string; children: ReactElement }) {
  return (
    <TooltipTrigger delay={500} closeDelay={100}>
      {children}
      <Tooltip className="tip" offset={6}>
        {text}
      </Tooltip>
    </TooltipTrigger>
  );
}
