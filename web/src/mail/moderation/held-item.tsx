import type { HeldMessage, ModerationDecision } from "@bouquet/contract/moderation.ts";
import { Check, ChevronDown, ChevronUp, X } from "lucide-react";
import { useId, useState } from "react";
import { ApiError } from "../../api/http.ts";
import { useSession } from "../../api/session.ts";
import { formatDateInSentence, formatDateTime, formatShortDate } from "../../i18n/format.ts";
import { useMailModerationText } from "../../i18n/mail-moderation.ts";
import { useLanguage } from "../../i18n/text.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Loading, Note, Skeleton } from "../../ui/feedback.tsx";
import { TextAreaField } from "../../ui/field.tsx";
import { Avatar, Chip } from "../../ui/marks.tsx";
import { toast, toastProblem } from "../../ui/toast.tsx";
import { useCompose } from "../composer/composer-context.ts";
import { useJmap } from "../jmap/accounts.ts";
import { shownAttachments } from "../reading/body.ts";
import { Attachments, BodyText } from "../reading/message-card.tsx";
import { heldUrl, useDecide, useHeldBody } from "./moderation-queries.ts";

/** One message that waits: who writes to which group, what it says, and the answer. */
export function HeldItem({ message }: { message: HeldMessage }) {
  const t = useMailModerationText();
  const language = useLanguage();
  const { timeZone } = useSession();
  const bodyId = useId();
  const decide = useDecide();
  const [isOpen, setOpen] = useState(false);
  const [isRefusing, setRefusing] = useState(false);
  const [working, setWorking] = useState<ModerationDecision["verdict"] | null>(null);
  const when = { language, timeZone };
  const subject = message.subject || t.noSubject;
  const author = message.author.replace(/ *<[^>]*>$/, "").replaceAll('"', "") || message.author;

  const answer = async (decision: ModerationDecision) => {
    setWorking(decision.verdict);
    try {
      await decide(message, decision);
      const refused = message.isAuthorTold ? t.refused(author) : t.refusedUntold;
      toast(decision.verdict === "accept" ? t.accepted(message.group.name) : refused);
    } catch (error) {
      const isDecided = error instanceof ApiError && (error.code === "conflict" || error.code === "not_found");
      toastProblem(isDecided ? t.decidedMeanwhile : t.failed);
    } finally {
      setWorking(null);
      setRefusing(false);
    }
  };

  return (
    <li className="held-item" aria-label={subject}>
      <div className="mp-row plain wraps">
        <Avatar name={author} seed={message.author.toLowerCase()} />
        <div className="what">
          <span className="row wrap-row">
            <span className="clip strong" title={message.author}>
              {author}
            </span>
            <Chip tone="info">{t.toGroup(message.group.name)}</Chip>
            <time
              className="small muted"
              dateTime={message.receivedAt}
              title={formatDateTime(message.receivedAt, when)}
            >
              {formatShortDate(message.receivedAt, when)}
            </time>
          </span>
          <span className="clip">{subject}</span>
          {!isOpen && message.preview && <span className="small muted clip">{message.preview}</span>}
          <span className="small muted">
            {(message.isAuthorTold ? t.returned : t.dropped)(formatDateInSentence(message.returnAt, when))}
          </span>
        </div>
        <div className="acts">
          <Button
            size="sm"
            variant="ghost"
            icon={isOpen ? ChevronUp : ChevronDown}
            aria-label={t.readOne(subject)}
            aria-expanded={isOpen}
            aria-controls={bodyId}
            onPress={() => setOpen(!isOpen)}
          >
            {t.read}
          </Button>
          <Button size="sm" icon={X} aria-label={t.refuseOne(subject)} onPress={() => setRefusing(true)}>
            {t.refuse}
          </Button>
          <Button
            size="sm"
            variant="soft"
            icon={Check}
            aria-label={t.acceptOne(subject)}
            isPending={working === "accept"}
            onPress={() => void answer({ verdict: "accept" })}
          >
            {t.accept}
          </Button>
        </div>
      </div>
      <div id={bodyId} className="held-body" hidden={!isOpen}>
        {isOpen && <HeldBody id={message.id} />}
      </div>
      <RefuseDialog
        isOpen={isRefusing}
        onClose={() => setRefusing(false)}
        subject={subject}
        text={message.isAuthorTold ? t.refuseText(author, message.group.name) : t.refuseTextUntold(message.group.name)}
        asksReason={message.isAuthorTold}
        isPending={working === "refuse"}
        onRefuse={(reason) => void answer({ verdict: "refuse", ...(reason && { reason }) })}
      />
    </li>
  );
}

function HeldBody({ id }: { id: string }) {
  const t = useMailModerationText();
  const { own } = useJmap();
  const compose = useCompose();
  const { data: body, error } = useHeldBody(id, true);
  if (error && !body) {
    return (
      <Note tone="warn" isLive>
        {t.bodyFailed}{" "}
        <a href={heldUrl(id)} download="message.eml">
          {t.download}
        </a>
      </Note>
    );
  }
  if (!body) {
    return (
      <Loading>
        <div className="stack stack-3">
          <Skeleton width="72%" />
          <Skeleton width="58%" />
        </div>
      </Loading>
    );
  }
  return (
    <>
      <BodyText accountId={own.id} body={body} onMailto={(to) => compose({ kind: "new", accountId: own.id, to })} />
      <Attachments accountId={own.id} parts={shownAttachments(body)} />
    </>
  );
}

interface RefuseProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly subject: string;
  readonly text: string;
  /** False when there is nobody to tell it to. */
  readonly asksReason: boolean;
  readonly isPending: boolean;
  readonly onRefuse: (reason: string) => void;
}

function RefuseDialog({ isOpen, onClose, subject, text, asksReason, isPending, onRefuse }: RefuseProps) {
  const t = useMailModerationText();
  const [reason, setReason] = useState("");
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title={t.refuseTitle(subject)}
      isDismissable={reason === ""}
      actions={
        <>
          <Button onPress={onClose}>{t.keepWaiting}</Button>
          <Button variant="danger" isPending={isPending} onPress={() => onRefuse(reason.trim())}>
            {t.refuse}
          </Button>
        </>
      }
    >
      <p className="muted">{text}</p>
      {asksReason && (
        <TextAreaField
          label={t.reason}
          hint={t.reasonHint}
          value={reason}
          onChange={setReason}
          maxLength={1000}
          autoFocus
        />
      )}
    </Dialog>
  );
}
