import type { Id } from "@bouquet/contract/jmap.ts";
import { useQuery } from "@tanstack/react-query";
import { useMailText } from "../../i18n/mail.ts";
import { ButtonLink } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Note, SkeletonRows } from "../../ui/feedback.tsx";
import { useJmap } from "../jmap/accounts.ts";
import { downloadUrl } from "../jmap/client.ts";
import { useBody } from "./body.ts";
import { originalOf } from "./message-card.tsx";

const shownBytes = 200_000;

/** A message as it came, header and all. */
export function OriginalDialog({
  accountId,
  emailId,
  onClose,
}: {
  accountId: Id;
  emailId: Id | null;
  onClose: () => void;
}) {
  const t = useMailText();
  return (
    <Dialog isOpen={emailId !== null} onClose={onClose} title={t.original} isWide>
      {emailId !== null && <Original accountId={accountId} emailId={emailId} />}
    </Dialog>
  );
}

function Original({ accountId, emailId }: { accountId: Id; emailId: Id }) {
  const t = useMailText();
  const { session } = useJmap();
  const { data: body, error } = useBody(accountId, emailId);
  const url = body && downloadUrl(session, accountId, originalOf(body));
  const text = useQuery({
    queryKey: ["jmap", accountId, "original", emailId],
    enabled: url !== undefined,
    gcTime: 60_000,
    queryFn: async ({ signal }) => {
      const response = await fetch(url ?? "", { signal, headers: { Range: `bytes=0-${shownBytes - 1}` } });
      if (!response.ok) throw new Error(String(response.status));
      return (await response.text()).slice(0, shownBytes);
    },
  });
  if (error || text.error) return <Note tone="warn">{t.bodyFailed}</Note>;
  if (text.data === undefined || !url) return <SkeletonRows count={2} />;
  return (
    <div className="stack stack-4">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre className="original" tabIndex={0}>
        {text.data}
      </pre>
      <div className="acts">
        <ButtonLink href={url} download>
          {t.downloadOriginal}
        </ButtonLink>
      </div>
    </div>
  );
}
