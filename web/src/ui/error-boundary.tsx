import "./feedback.css";
import { Component, type ReactNode } from "react";
import { useUiText } from "../i18n/ui.ts";
import { Button } from "./button.tsx";
import { EmptyState } from "./empty-state.tsx";

interface Props {
  readonly children: ReactNode;
  /** Takes the place of what failed; the page-wide one when absent. */
  readonly fallback?: ReactNode;
}

/** Keeps a defect of a part from emptying the screen. The cause goes to the console, for whoever helps by phone. */
export class ErrorBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return this.props.fallback ?? <CrashPage />;
  }
}

/** « Cette page ne s’affiche pas », with the way out. */
export function CrashPage() {
  const t = useUiText();
  return (
    <main className="trouble">
      <EmptyState
        drawing="gate"
        level={2}
        title={t.crashTitle}
        action={
          <Button variant="primary" onPress={() => window.location.reload()}>
            {t.reload}
          </Button>
        }
      >
        {t.crashText}
      </EmptyState>
    </main>
  );
}
