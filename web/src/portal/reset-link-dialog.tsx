import type { PasswordResetLink, PersonItem } from "@bouquet/contract/identity.ts";
import { useMutation } from "@tanstack/react-query";
import { useErrorText } from "../api/error-text.ts";
import { request } from "../api/http.ts";
import { formatDateTime } from "../i18n/format.ts";
import { usePortalText } from "../i18n/portal.ts";
import { useLanguage } from "../i18n/text.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Note } from "../ui/feedback.tsx";
import { CopyButton } from "./copy-button.tsx";

/** Asks, then shows the one-time link, once. */
export function ResetLinkDialog({ person, onClose }: { person: PersonItem; onClose: () => void }) {
  const t = usePortalText();
  const language = useLanguage();
  const errorText = useErrorText();
  const create = useMutation({
    mutationFn: () =>
      request<PasswordResetLink>(`/api/people/${encodeURIComponent(person.uid)}/password-reset`, { method: "POST" }),
  });
  if (create.data) {
    return (
      <Dialog
        isOpen
        isDismissable={false}
        onClose={onClose}
        title={t.resetLinkReady(person.displayName)}
        actions={
          <Button variant="primary" onPress={onClose}>
            {t.close}
          </Button>
        }
      >
        <p>{t.resetLinkGive(formatDateTime(create.data.expiresAt, { language }))}</p>
        <div className="secret">
          <code className="long">{create.data.url}</code>
          <CopyButton text={create.data.url} />
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t.resetLinkTitle(person.displayName)}
      actions={
        <>
          <Button onPress={onClose}>{t.cancel}</Button>
          <Button variant="primary" isPending={create.isPending} onPress={() => create.mutate()}>
            {t.resetLinkCreate}
          </Button>
        </>
      }
    >
      <p className="muted">{t.resetLinkText}</p>
      {create.error && (
        <Note tone="danger" isLive>
          {errorText(create.error)}
        </Note>
      )}
    </Dialog>
  );
}
