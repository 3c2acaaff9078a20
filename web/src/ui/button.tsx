import "./button.css";
import type { LucideIcon } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
  Link as AriaLink,
  type LinkProps as AriaLinkProps,
} from "react-aria-components";
import { useUiText } from "../i18n/ui.ts";
import { announce } from "./announcer.tsx";
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
export function Button({ variant, size, block, icon, className, children, isPending, ...rest }: ButtonProps) {
  return (
    <AriaButton {...rest} {...usePending(isPending, rest)} className={classes({ variant, size, block, className })}>
      <span className="btn-in">
        {icon && <Icon of={icon} size={size === "sm" ? "sm" : "md"} />}
        <span>{children}</span>
      </span>
      {isPending && <span className="spin" aria-hidden="true" />}
    </AriaButton>
  );
}

/*
 * Not react-aria's own isPending: it announces by pointing at an element of the button, which is gone when the work ends
 * by closing a dialog.
 */
function usePending(isPending: boolean | undefined, { onPress, type }: AriaButtonProps) {
  const t = useUiText();
  useEffect(() => {
    if (isPending) announce(t.working);
  }, [isPending, t]);
  if (!isPending) return {};
  return {
    "aria-disabled": true,
    "data-working": true,
    onPress: onPress && (() => undefined),
    type: type === "submit" ? ("button" as const) : type,
  };
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

export function IconButton({
  label,
  icon,
  variant = "ghost",
  size = "md",
  className,
  isPending,
  ...rest
}: IconButtonProps) {
  return (
    <Hint text={label}>
      <AriaButton
        {...rest}
        {...usePending(isPending, rest)}
        aria-label={label}
        className={cx("btn", "icon", variant !== "plain" && variant, size === "sm" && "sm", className)}
      >
        <span className="btn-in">
          <Icon of={icon} size={size === "sm" ? "sm" : "md"} />
        </span>
        {isPending && <span className="spin" aria-hidden="true" />}
      </AriaButton>
    </Hint>
  );
}
