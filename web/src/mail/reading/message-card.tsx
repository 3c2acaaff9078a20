import type { Id } from "@bouquet/contract/jmap.ts";
import type { EmailAddress, EmailBodyPart } from "@bouquet/contract/jmap-mail.ts";
import { Download } from "lucide-react";
import { Fragment, useMemo } from "react";
import { useSession } from "../../api/session.ts";
import { formatBytes, formatDateTime, formatShortDate } from "../../i18n/format.ts";
import { useMailText } from "../../i18n/mail.ts";
import { useLanguage } from "../../i18n/text.ts";
import { useUiText } from "../../i18n/ui.ts";
import { Button } from "../../ui/button.tsx";
import { Banner, Loading, Note, Skeleton } from "../../ui/feedback.tsx";
import { FileGlyph } from "../../ui/file-glyph.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Avatar, Chip } from "../../ui/marks.tsx";
import type { EmailSummary } from "../jmap/account-cache.ts";
import { useJmap } from "../jmap/accounts.ts";
import { downloadUrl } from "../jmap/client.ts";
import { nameOf } from "../list/row-names.ts";
import { bodySegments, type EmailBody, shownAttachments, useBody } from "./body.ts";
import { HtmlBody } from "./html-body.tsx";
import { linkify, splitQuotes } from "./plain-text.ts";
import { Provenance } from "./provenance.tsx";

interface Props {
  readonly accountId: Id;
  readonly email: EmailSummary;
  readonly onMailto: (address: string) => void;
  readonly onResume: (email: EmailSummary) => void;
}

/** One message of a conversation, open: sender, where it comes from, text, attachments. */
export function MessageCard({ accountId, email, onMailto, onResume }: Props) {
  const t = useMailText();
  const ui = useUiText();
  const language = useLanguage();
  const { timeZone } = useSession();
  const { data: body, error, refetch } = useBody(accountId, email.id);
  const from = (body?.from ?? email.from)?.[0] ?? { name: null, email: "?" };
  const when = { language, timeZone };
  return (
    <article className="msg" aria-label={nameOf(from)}>
      <div className="from">
        <Avatar name={nameOf(from)} seed={from.email.toLowerCase()} />
        <div className="grow">
          <div className="row wrap-row who">
            <span className="strong clip">{nameOf(from)}</span>
            {from.name?.trim() && <span className="muted small clip addr">{from.email}</span>}
            {body && <Provenance accountId={accountId} body={body} as="chip" />}
            {email.keywords.$draft && <Chip tone="warn">{t.draftOf}</Chip>}
          </div>
          <div className="small muted">{body ? <Recipients body={body} /> : <Skeleton width={160} height={12} />}</div>
        </div>
        {email.keywords.$draft ? (
          <Button size="sm" onPress={() => onResume(email)}>
            {t.resumeDraft}
          </Button>
        ) : (
          <time className="small muted" dateTime={email.receivedAt} title={formatDateTime(email.receivedAt, when)}>
            {formatShortDate(email.receivedAt, when)}
          </time>
        )}
      </div>
      {body && !email.keywords.$draft && <Provenance accountId={accountId} body={body} as="note" />}
      {error && !body ? (
        <Banner tone="warn" action={{ label: ui.retry, run: () => void refetch() }}>
          {t.bodyFailed}
        </Banner>
      ) : body ? (
        <>
          <BodyText accountId={accountId} body={body} onMailto={onMailto} />
          <Attachments accountId={accountId} parts={shownAttachments(body)} />
        </>
      ) : (
        <Loading>
          <div className="stack stack-3">
            <Skeleton width="38%" />
            <Skeleton width="92%" />
            <Skeleton width="84%" />
          </div>
        </Loading>
      )}
    </article>
  );
}

function Recipients({ body }: { body: EmailBody }) {
  const t = useMailText();
  const names = (addresses: EmailAddress[]) => addresses.map(nameOf).join(", ");
  const told = [
    body.to?.length ? t.to(names(body.to)) : "",
    body.cc?.length ? t.copyTo(names(body.cc)) : "",
    body.bcc?.length ? t.hiddenCopyTo(names(body.bcc)) : "",
  ].filter(Boolean);
  const full = [...(body.to ?? []), ...(body.cc ?? []), ...(body.bcc ?? [])].map(({ email }) => email).join(", ");
  return <span title={full}>{told.join(", ") || t.nobody}</span>;
}

/** What a message says. */
export function BodyText({
  accountId,
  body,
  onMailto,
}: {
  accountId: Id;
  body: EmailBody;
  onMailto: (address: string) => void;
}) {
  const t = useMailText();
  const { session } = useJmap();
  const segments = useMemo(() => bodySegments(body), [body]);
  const values = Object.values(body.bodyValues);
  return (
    <div className="mbody">
      {segments.every((segment) => segment.kind !== "image" && segment.value.trim() === "") && (
        <p className="muted">{t.emptyBody}</p>
      )}
      {segments.map((segment) => {
        if (segment.kind === "html") {
          return (
            <HtmlBody
              key={segment.id}
              accountId={accountId}
              html={segment.value}
              parts={body.attachments}
              onMailto={onMailto}
            />
          );
        }
        if (segment.kind === "text") return <PlainText key={segment.id} text={segment.value} onMailto={onMailto} />;
        return (
          <img
            key={segment.id}
            className="inline-image"
            src={downloadUrl(session, accountId, segment.part)}
            alt={segment.part.name ?? t.unnamed}
          />
        );
      })}
      {values.some((value) => value.isTruncated) && (
        <Note>
          {t.truncated}{" "}
          <a href={downloadUrl(session, accountId, originalOf(body))} download>
            {t.downloadOriginal}
          </a>
        </Note>
      )}
      {values.some((value) => value.isEncodingProblem) && <Note>{t.encodingProblem}</Note>}
    </div>
  );
}

/** The whole message as a part to download. */
export function originalOf(body: Pick<EmailBody, "blobId" | "subject">) {
  const name =
    (body.subject ?? "")
      .replaceAll(/[\\/:*?"<>|\p{Cc}]+/gu, " ")
      .trim()
      .slice(0, 80) || "message";
  return { blobId: body.blobId, type: "message/rfc822", name: `${name}.eml` };
}

function PlainText({ text, onMailto }: { text: string; onMailto: (address: string) => void }) {
  const t = useMailText();
  const blocks = useMemo(() => splitQuotes(text), [text]);
  const onlyQuote = blocks.length === 1;
  return (
    <>
      {blocks.map(({ isQuote, text: block }, at) => {
        const content = (
          <div className="plain">
            <Linked text={isQuote && !onlyQuote ? block.replaceAll(/^> ?/gm, "") : block} onMailto={onMailto} />
          </div>
        );
        // biome-ignore lint/suspicious/noArrayIndexKey: blocks of one text, never reordered
        if (!isQuote || onlyQuote) return <Fragment key={at}>{content}</Fragment>;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <details key={at} className="quoted">
            <summary>{t.quoted}</summary>
            <blockquote>{content}</blockquote>
          </details>
        );
      })}
    </>
  );
}

function Linked({ text, onMailto }: { text: string; onMailto: (address: string) => void }) {
  return linkify(text).map((part, at) => {
    if (!part.href) return part.text;
    const isMail = part.href.startsWith("mailto:");
    return (
      <a
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text, never reordered
        key={at}
        href={part.href}
        target={isMail ? undefined : "_blank"}
        rel="noopener noreferrer"
        onClick={(event) => {
          if (!isMail) return;
          event.preventDefault();
          onMailto(part.text);
        }}
      >
        {part.text}
      </a>
    );
  });
}

/** What comes with it, to download. */
export function Attachments({ accountId, parts }: { accountId: Id; parts: readonly EmailBodyPart[] }) {
  const t = useMailText();
  const language = useLanguage();
  const { session } = useJmap();
  if (parts.length === 0) return null;
  return (
    <ul className="att" aria-label={t.attachments(parts.length)}>
      {parts.map((part, at) => {
        const name = part.name ?? t.partNames[part.type as keyof typeof t.partNames] ?? t.unnamed;
        return (
          <li key={part.blobId ?? at}>
            <a href={downloadUrl(session, accountId, part)} download={name} aria-label={t.download(name)}>
              <FileGlyph mediaType={part.type} name={name} />
              <span className="grow">
                <span className="clip name">{name}</span>
                <span className="small muted">{formatBytes(language, part.size)}</span>
              </span>
              <Icon of={Download} />
            </a>
          </li>
        );
      })}
    </ul>
  );
}
