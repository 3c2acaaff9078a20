import { type DriveErrorReason, driveErrorReasons } from "@bouquet/contract/drive.ts";
import { useErrorText } from "../api/error-text.ts";
import { ApiError } from "../api/http.ts";
import { useDriveText } from "../i18n/drive.ts";

function isReason(value: unknown): value is DriveErrorReason {
  return driveErrorReasons.includes(value as DriveErrorReason);
}

/** The sentence for whatever the drive refused: its own reasons first. Takes errors and entries of a `BatchResult`. */
export function useDriveErrorText(): (error: unknown) => string {
  const t = useDriveText();
  const errorText = useErrorText();
  return (error) => {
    const reason = error instanceof ApiError ? error.body.reason : (error as { reason?: unknown } | null)?.reason;
    if (isReason(reason)) return t.reasons[reason];
    if (error instanceof ApiError && error.code === "over_quota") return t.overQuota;
    return errorText(error);
  };
}
