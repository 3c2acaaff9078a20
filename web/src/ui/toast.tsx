import "./feedback.css";
import { Check, CircleAlert, X } from "lucide-react";
import {
  Text,
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastList as ToastList,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from "react-aria-components";
import { flushSync } from "react-dom";
import { useUiText } from "../i18n/ui.ts";
import { Button, IconButton } from "./button.tsx";
import { Icon } from "./icon.tsx";

interface ToastMessage {
  readonly text: string;
  readonly tone?: "done" | "problem";
  readonly action?: { readonly label: string; readonly run: () => void };
}

const queue = new ToastQueue<ToastMessage>({ maxVisibleToasts: 3, wrapUpdate: (update) => flushSync(update) });
const visibleFor = 8000;

/** « Message archivé. » for 8 s; longer while it is hovered or focused. */
export function toast(text: string): void {
  queue.add({ text }, { timeout: visibleFor });
}

/** A toast with « Annuler »: `undo` runs at most once. Returns what closes it early. */
export function toastWithUndo(text: string, undoLabel: string, undo: () => void): () => void {
  const key = queue.add({ text, action: { label: undoLabel, run: undo } }, { timeout: visibleFor });
  return () => queue.close(key);
}

/** What failed away from its cause; stays until closed when there is something to do about it. */
export function toastProblem(text: string, action?: ToastMessage["action"]): void {
  queue.add({ text, tone: "problem", action }, action ? {} : { timeout: visibleFor });
}

/** Mounted once by the shell. */
export function Toasts() {
  const t = useUiText();
  return (
    <ToastRegion queue={queue} className="toasts" aria-label={t.notifications}>
      <ToastList>
        {({ toast: item }: { toast: (typeof queue)["visibleToasts"][number] }) => (
          <Toast toast={item} className="toast">
            <Icon of={item.content.tone === "problem" ? CircleAlert : Check} />
            <ToastContent className="toast-text">
              <Text slot="title">{item.content.text}</Text>
            </ToastContent>
            {item.content.action && (
              <Button
                size="sm"
                variant="ghost"
                className="act"
                onPress={() => {
                  queue.close(item.key);
                  item.content.action?.run();
                }}
              >
                {item.content.action.label}
              </Button>
            )}
            <IconButton size="sm" label={t.close} icon={X} onPress={() => queue.close(item.key)} />
          </Toast>
        )}
      </ToastList>
    </ToastRegion>
  );
}
