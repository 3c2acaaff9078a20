import { useState } from "react";
import { useMailText } from "../../i18n/mail.ts";
import { Button } from "../../ui/button.tsx";
import { framePage } from "../reading/frame-page.ts";
import { sanitizeHtml } from "../reading/sanitize-html.ts";

/** What the answer quotes: folded, shown in a frame of its own, left out on request. */
export function QuotedText({ html, onRemove }: { html: string; onRemove: () => void }) {
  const t = useMailText();
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="quoted-text">
      <div className="row wrap-row">
        <button type="button" className="lk small" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? t.hideQuote : t.showQuote}
        </button>
        <span className="grow" />
        <Button size="sm" variant="ghost" onPress={onRemove}>
          {t.removeQuote}
        </Button>
      </div>
      {isOpen && (
        <iframe
          title={t.quoted}
          sandbox=""
          referrerPolicy="no-referrer"
          srcDoc={framePage(sanitizeHtml(html, false, t.quoted), false)}
        />
      )}
    </div>
  );
}
