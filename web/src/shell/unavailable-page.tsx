import { useUiText } from "../i18n/ui.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { SupportContact } from "./support.tsx";
import { useTitle } from "./title.ts";

/** The whole page when the session cannot be read: the server, or its database, does not answer. */
export function UnavailablePage({ onRetry, isRetrying }: { onRetry: () => void; isRetrying: boolean }) {
  const t = useUiText();
  useTitle(t.unavailableTitle);
  return (
    <main className="trouble">
      <EmptyState
        drawing="gate"
        level={2}
        title={t.unavailableTitle}
        action={
          <div className="stack stack-5" style={{ justifyItems: "center" }}>
            <Button variant="primary" isPending={isRetrying} onPress={onRetry}>
              {t.retry}
            </Button>
            <SupportContact />
          </div>
        }
      >
        {t.unavailableText}
      </EmptyState>
    </main>
  );
}
