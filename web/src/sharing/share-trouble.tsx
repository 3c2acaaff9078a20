import type { ShareGoneReason } from "@bouquet/contract/sharing.ts";
import { ApiError, OfflineError } from "../api/http.ts";
import { useSharingText } from "../i18n/sharing.ts";
import { useUiText } from "../i18n/ui.ts";
import { SupportContact } from "../shell/support.tsx";
import { useTitle } from "../shell/title.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { useMinutesLeft } from "./use-minutes-left.ts";

interface Props {
  readonly error: Error;
  readonly onRetry: () => void;
  readonly isRetrying: boolean;
}

/** Why the link shows nothing, in plain words, with what to do and whom to ask. */
export function ShareTrouble({ error, onRetry, isRetrying }: Props) {
  const ui = useUiText();
  const { title, text, drawing, mayRetry } = useReason(error);
  useTitle(title);
  return (
    <section className="card trouble-card">
      <EmptyState
        drawing={drawing}
        level={2}
        title={title}
        action={
          <div className="stack stack-5 ways">
            {mayRetry && (
              <Button variant="primary" isPending={isRetrying} onPress={onRetry}>
                {ui.retry}
              </Button>
            )}
            <SupportContact />
          </div>
        }
      >
        {text}
      </EmptyState>
    </section>
  );
}

interface Reason {
  readonly title: string;
  readonly text: string;
  readonly drawing: "gate" | "hedge" | "folder";
  readonly mayRetry: boolean;
}

function useReason(error: Error): Reason {
  const t = useSharingText();
  const minutes = useMinutesLeft(error);
  if (error instanceof OfflineError) {
    return { title: t.offlineTitle, text: t.offlineText, drawing: "hedge", mayRetry: true };
  }
  if (error instanceof ApiError) {
    switch (error.code) {
      case "gone": {
        const closed = { drawing: "gate", mayRetry: false } as const;
        const reason = error.body.reason as ShareGoneReason | undefined;
        if (reason === "expired") return { title: t.expiredTitle, text: t.expiredText, ...closed };
        if (reason === "used_up") return { title: t.usedUpTitle, text: t.usedUpText, ...closed };
        if (reason === "removed") return { title: t.removedTitle, text: t.removedText, ...closed, drawing: "folder" };
        return { title: t.revokedTitle, text: t.revokedText, ...closed };
      }
      case "not_found":
        return { title: t.unknownTitle, text: t.unknownText, drawing: "hedge", mayRetry: false };
      case "throttled":
        return { title: t.busyTitle, text: t.busyText(minutes), drawing: "gate", mayRetry: true };
    }
  }
  return { title: t.downTitle, text: t.downText, drawing: "gate", mayRetry: true };
}
