import { useUiText } from "../i18n/ui.ts";
import { ButtonLink } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { useTitle } from "./title.ts";

/** An address of the service that leads nowhere. */
export function NotFoundPage() {
  const t = useUiText();
  useTitle(t.notFoundTitle);
  return (
    <div className="trouble">
      <EmptyState
        drawing="hedge"
        level={2}
        title={t.notFoundTitle}
        action={<ButtonLink href="/">{t.toHome}</ButtonLink>}
      >
        {t.notFoundText}
      </EmptyState>
    </div>
  );
}
