import { useUiText } from "../i18n/ui.ts";
import { ApiError, OfflineError } from "./http.ts";

/** Gives the sentence to show for anything thrown by `request`. */
export function useErrorText(): (error: unknown) => string {
  const t = useUiText();
  return (error) => {
    if (error instanceof OfflineError) return t.errors.offline;
    if (error instanceof ApiError) return t.errors[error.code] ?? t.errors.internal;
    return t.errors.internal;
  };
}
