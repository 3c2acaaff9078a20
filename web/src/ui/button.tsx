import "./button.css";
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
  Link as AriaLink,
  type LinkProps as AriaLinkProps,
} from "react-aria-components";
import { cx } from "./cx.ts";
import { Icon } from "./icon.tsx";
import { Hint } from "./tooltip.tsx";

export type ButtonVariant = "plain" | "primary" | "soft" | "ghost" | "danger" | "danger-text";
export type ButtonSize = "sm" | "md" | "lg";

interface Looks {
  readonly variant?: ButtonVariant;
  readonly size?: ButtonSize;
  readonly block?: boolean;
  readonly icon?: LucideIcon;
  readonly className?: string;
}

function classes({ variant = "plain", size = "md", block, className }: Looks): string {
  return cx("btn", variant !== "plain" && variant, size !== "md" && size, block && "block", className);
}

export interface ButtonProps extends Omit<AriaButtonProps, "className" | "children">, Looks {
  readonly children: ReactNode;
}

/** One filled (`primary`) button per region. `isPending` shows a ring, keeps the width and refuses presses. */
export function Button({ variant, size, block, icon, className, children, ...rest }: ButtonProps) {
  return (
    <AriaButton {...rest} className={classes({ variant, size, block, className })}>
      {({ isPending }) => (
        <>
          <span className="btn-in">
            {icon && <Icon of={icon} size={size === "sm" ? "sm" : "md"} />}
            <span>{children}</span>
          </span>
          {isPending && <span className="spin" aria-hidden="true" />}
        </>
      )}
    </AriaButton>
  );
}

export interface ButtonLinkProps extends Omit<AriaLinkProps, "className" | "children">, Looks {
  readonly children: ReactNode;
}

/** A link that looks like a button: it goes somewhere, it does nothing. */
export function ButtonLink({ variant, size, block, icon, className, children, ...rest }: ButtonLinkProps) {
  return (
    <AriaLink {...rest} className={classes({ variant, size, block, className })}>
      {icon && <Icon of={icon} size={size === "sm" ? "sm" : "md"} />}
      <span>{children}</span>
    </AriaLink>
  );
}

export interface IconButtonProps extends Omit<AriaButtonProps, "className" | "children" | "aria-label"> {
  /** Read aloud, and shown as a tooltip on hover and focus. */
  readonly label: string;
  readonly icon: LucideIcon;
  readonly variant?: ButtonVariant;
  readonly size?: "sm" | "md";
  readonly className?: string;
}

export function IconButton({ label, icon, variant = "ghost", size = "md", className, ...rest }: IconButtonProps) {
  return (
    <Hint text={label}>
      <AriaButton
        {...rest}
        aria-label={label}
        className={cx("btn", "icon", variant !== "plain" && variant, size === "sm" && "sm", className)}
      >
        {({ isPending }) => (
          <>
            <span className="btn-in">
              <Icon of={icon} size={size === "sm" ? "sm" : "md"} />
            </span>
            {isPending && <span className="spin" aria-hidden="true" />}
          </>
        )}
      </AriaButton>
    </Hint>
  );
}
