import "./overlay.css";
import { Check, type LucideIcon } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import {
  Menu as AriaMenu,
  Header,
  type Key,
  MenuItem,
  MenuSection,
  MenuTrigger,
  Popover,
  type PopoverProps,
  Separator,
} from "react-aria-components";
import { cx } from "./cx.ts";
import { Icon } from "./icon.tsx";

interface MenuButtonProps {
  /** The react-aria button that opens it (`Button` or `IconButton`). */
  readonly trigger: ReactElement;
  readonly label: string;
  readonly placement?: PopoverProps["placement"];
  readonly children: ReactNode;
}

/** A button and its menu of `MenuEntry`, `MenuChoice` and `MenuLine`. */
export function MenuButton({ trigger, label, placement = "bottom end", children }: MenuButtonProps) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover className="pop" placement={placement} offset={placement.startsWith("right") ? 14 : 6}>
        <AriaMenu className="menu" aria-label={label}>
          {children}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}

interface MenuEntryProps {
  readonly children: string;
  readonly icon?: LucideIcon;
  readonly shortcut?: string;
  readonly isDanger?: boolean;
  readonly isDisabled?: boolean;
  readonly href?: string;
  readonly onAction?: () => void;
}

/** One action. Its word is the verb of the result. */
export function MenuEntry({ children, icon, shortcut, isDanger, isDisabled, href, onAction }: MenuEntryProps) {
  return (
    <MenuItem
      className={cx("mi", isDanger && "del")}
      textValue={children}
      isDisabled={isDisabled}
      href={href}
      onAction={onAction}
    >
      {icon && <Icon of={icon} />}
      <span className="grow">{children}</span>
      {shortcut && <kbd>{shortcut}</kbd>}
    </MenuItem>
  );
}

interface MenuChoiceProps<K extends string> {
  readonly title: string;
  readonly choices: readonly { readonly id: K; readonly label: string }[];
  readonly value: K;
  readonly onChange: (value: K) => void;
}

/** One exclusive choice inside a menu. */
export function MenuChoice<K extends string>({ title, choices, value, onChange }: MenuChoiceProps<K>) {
  return (
    <MenuSection
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value]}
      onSelectionChange={(keys) => {
        for (const key of keys as Iterable<Key>) onChange(key as K);
      }}
    >
      <Header>{title}</Header>
      {choices.map((choice) => (
        <MenuItem key={choice.id} id={choice.id} className="mi" textValue={choice.label}>
          <span className="grow">{choice.label}</span>
          <Icon of={Check} size="sm" className="tick" />
        </MenuItem>
      ))}
    </MenuSection>
  );
}

export function MenuLine() {
  return <Separator />;
}
