import type { Id } from "@bouquet/contract/jmap.ts";
import type { Email, EmailBodyPart } from "@bouquet/contract/jmap-mail.ts";
import { useQuery } from "@tanstack/react-query";
import { keys } from "../jmap/account-cache.ts";
import { call, JmapError } from "../jmap/client.ts";
import { unflow } from "./plain-text.ts";

const bodyProperties = [
  "id",
  "blobId",
  "size",
  "messageId",
  "references",
  "inReplyTo",
  "from",
  "sender",
  "to",
  "cc",
  "bcc",
  "replyTo",
  "subject",
  "sentAt",
  "textBody",
  "htmlBody",
  "attachments",
  "bodyValues",
  "header:Authentication-Results:asText:all",
] as const;

/** Content-Type as it is written, for format=flowed (RFC 3676). */
const typeHeader = "header:Content-Type";

export type EmailBody = Pick<Email, Exclude<(typeof bodyProperties)[number], `header:${string}`>> & {
  "header:Authentication-Results:asText:all": string[] | null;
};
type Part = EmailBodyPart & { [typeHeader]?: string | null };

const maxBodyValueBytes = 1_000_000;

const shape = {
  properties: [...bodyProperties],
  bodyProperties: ["partId", "blobId", "size", "name", "type", "charset", "disposition", "cid", typeHeader],
  fetchTextBodyValues: true,
  fetchHTMLBodyValues: true,
  maxBodyValueBytes,
};

/** Reads an uploaded message that is in no mailbox. @throws JmapError */
export async function parseBody(accountId: Id, blobId: Id, signal?: AbortSignal): Promise<EmailBody> {
  const { parsed } = await call("Email/parse", { accountId, blobIds: [blobId], ...shape }, signal);
  const found = parsed?.[blobId];
  if (!found) throw new JmapError({ type: "notFound" });
  return found as EmailBody;
}

export async function readBody(accountId: Id, emailId: Id, signal?: AbortSignal): Promise<EmailBody> {
  const { list } = await call(
    "Email/get",
    {
      accountId,
      ids: [emailId],
      ...shape,
    },
    signal,
  );
  const found = list[0];
  if (!found) throw new JmapError({ type: "notFound" });
  return found as EmailBody;
}

/** What a message says; it never changes. */
export function useBody(accountId: Id, emailId: Id) {
  return useQuery({
    queryKey: keys.body(accountId, emailId),
    queryFn: ({ signal }) => readBody(accountId, emailId, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 1_800_000,
  });
}

export type BodySegment =
  | { readonly kind: "html"; readonly id: string; readonly value: string }
  | { readonly kind: "text"; readonly id: string; readonly value: string }
  | { readonly kind: "image"; readonly id: string; readonly part: EmailBodyPart };

/** What is to be shown, in order: HTML where there is, else text, and images that stand between. */
export function bodySegments(body: EmailBody): BodySegment[] {
  return body.htmlBody.flatMap((part: Part, at): BodySegment[] => {
    const id = part.partId ?? String(at);
    const value = part.partId === null ? undefined : body.bodyValues[part.partId]?.value;
    if (part.type === "text/html" && value !== undefined) return [{ kind: "html", id, value }];
    if (part.type.startsWith("text/") && value !== undefined)
      return [{ kind: "text", id, value: readText(part, value) }];
    return part.type.startsWith("image/") && part.blobId ? [{ kind: "image", id, part }] : [];
  });
}

/** The text of a message for a plain answer. */
export function bodyText(body: EmailBody): string {
  return body.textBody
    .flatMap((part: Part) => {
      const value = part.partId === null ? undefined : body.bodyValues[part.partId]?.value;
      return value === undefined || part.type !== "text/plain" ? [] : [readText(part, value)];
    })
    .join("\n");
}

function readText(part: Part, value: string): string {
  const type = part[typeHeader] ?? "";
  if (!/format\s*=\s*"?flowed/i.test(type)) return value;
  return unflow(value, /delsp\s*=\s*"?yes/i.test(type));
}

/** What is to be offered for download: all attachments but the images that the text shows. */
export function shownAttachments(body: EmailBody): EmailBodyPart[] {
  const html = bodySegments(body)
    .map((segment) => (segment.kind === "html" ? segment.value : ""))
    .join("");
  return body.attachments.filter(
    (part) => !(part.cid && part.type.startsWith("image/") && html.includes(`cid:${part.cid}`)),
  );
}
