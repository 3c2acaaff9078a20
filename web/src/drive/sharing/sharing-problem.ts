import { ApiError } from "../../api/http.ts";
import { useDriveSharingText } from "../../i18n/drive-sharing.ts";
import { useDriveErrorText } from "../drive-error-text.ts";

/** The sentence for what refused a share. */
export function useSharingProblem(): (error: unknown) => string {
  const t = useDriveSharingText();
  const errorText = useDriveErrorText();
  return (error) => {
    if (!(error instanceof ApiError)) return errorText(error);
    const { reason, field } = error.body;
    if (reason === "beyond") return t.beyond;
    if (reason === "elsewhere") return t.elsewhere;
    if (reason === "own") return t.own;
    if (reason === "already_shared") return t.already;
    if (field === "/with") return t.unknown;
    return errorText(error);
  };
}
