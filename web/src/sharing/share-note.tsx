import { MessageSquareText } from "lucide-react";
import { useSharingText } from "../i18n/sharing.ts";
import { Note } from "../ui/feedback.tsx";

/** What whoever shared it says of it. */
export function ShareNote({ note, from }: { note: string | null; from: string }) {
  const t = useSharingText();
  if (note === null) return null;
  return (
    <div className="said">
      <Note tone="info" icon={MessageSquareText}>
        <p className="strong">{t.saidBy(from)}</p>
        <p className="said-text">{note}</p>
      </Note>
    </div>
  );
}
