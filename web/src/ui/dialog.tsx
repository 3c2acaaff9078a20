import "./overlay.css";
import { X } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import {
  Dialog as AriaDialog,
  Popover as AriaPopover,
  DialogTrigger,
  Heading,
  Modal,
  ModalOverlay,
  type PopoverProps,
} from "react-aria-components";
import { useUiText } from "../i18n/ui.ts";
import { Button, type ButtonVariant, IconButton } from "./button.tsx";
import { cx } from "./cx.ts";

interface Opening {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

interface DialogProps extends Opening {
  readonly title: string;
  readonly children: ReactNode;
  /** Buttons, the filled one last. */
  readonly actions?: ReactNode;
  readonly isWide?: boolean;
  readonly role?: "dialog" | "alertdialog";
  /** False while something typed would be lost by a press outside. */
  readonly isDismissable?: boolean;
}

/** A question or a short form in the middle of the screen; at the bottom on phones. Escape closes it. */
export function Dialog({ isOpen, onClose, title, children, actions, isWide, role, isDismissable = true }: DialogProps) {
  return (
    <ModalOverlay
      className="scrim"
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={isDismissable}
    >
      <Modal className={cx("dialog", isWide && "wide")}>
        <AriaDialog className="dialog-in" role={role ?? "dialog"}>
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          {children}
          {actions && <div className="acts">{actions}</div>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

interface ConfirmProps extends Opening {
  readonly title: string;
  readonly text: ReactNode;
  /** The verb of the result: « Supprimer ». */
  readonly confirm: string;
  /** « Garder » */
  readonly keep: string;
  readonly variant?: ButtonVariant;
  readonly isPending?: boolean;
  readonly onConfirm: () => void;
}

/** Only for what cannot be undone; everything else is done at once with a toast that undoes it. */
export function Confirm({
  title,
  text,
  confirm,
  keep,
  variant = "danger",
  isPending,
  onConfirm,
  ...opening
}: ConfirmProps) {
  return (
    <Dialog
      {...opening}
      title={title}
      role="alertdialog"
      actions={
        <>
          <Button onPress={opening.onClose}>{keep}</Button>
          <Button variant={variant} isPending={isPending} onPress={onConfirm}>
            {confirm}
          </Button>
        </>
      }
    >
      <p className="muted">{text}</p>
    </Dialog>
  );
}

/** A sheet that slides from the right, 424 wide, full screen on phones. */
export function SideSheet({ isOpen, onClose, title, children }: Opening & { title: string; children: ReactNode }) {
  const t = useUiText();
  return (
    <ModalOverlay className="scrim right" isOpen={isOpen} onOpenChange={(open) => !open && onClose()} isDismissable>
      <Modal className="side-sheet">
        <AriaDialog className="dialog-in">
          <div className="sheet-head">
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            <IconButton label={t.close} icon={X} onPress={onClose} />
          </div>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/** The navigation column on tablets and phones: slides from the left, closes when a link is followed. */
export function Drawer({
  isOpen,
  onClose,
  label,
  head,
  children,
}: Opening & { label: string; head?: ReactNode; children: ReactNode }) {
  const t = useUiText();
  return (
    <ModalOverlay className="scrim left" isOpen={isOpen} onOpenChange={(open) => !open && onClose()} isDismissable>
      <Modal className="drawer">
        <AriaDialog className="dialog-in" aria-label={label}>
          <div className="drawer-head">
            {head ?? <span />}
            <IconButton label={t.close} icon={X} onPress={onClose} />
          </div>
          {/* biome-ignore lint/a11y: only notices that a link inside has been followed, by pointer or keyboard */}
          <div
            className="row"
            style={{ flex: 1, alignItems: "stretch" }}
            onClick={(event) => (event.target as Element).closest("a,button") && onClose()}
          >
            {children}
          </div>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

interface PopoverButtonProps {
  readonly trigger: ReactElement;
  readonly label: string;
  readonly placement?: PopoverProps["placement"];
  readonly children: ReactNode;
}

/** A button and the small panel it opens. */
export function PopoverButton({ trigger, label, placement = "bottom", children }: PopoverButtonProps) {
  return (
    <DialogTrigger>
      {trigger}
      <AriaPopover className="pop" placement={placement}>
        <AriaDialog className="pop-body" aria-label={label}>
          {children}
        </AriaDialog>
      </AriaPopover>
    </DialogTrigger>
  );
}
