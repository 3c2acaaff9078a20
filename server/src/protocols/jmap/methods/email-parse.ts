import type { Email } from "@bouquet/contract/jmap-mail.ts";
import { DomainError } from "../../../domain/errors.ts";
import { openMailBlob } from "../../../domain/mail/open-message.ts";
import { fromBlobId } from "../blob-id.ts";
import { readBlock } from "../email/body-parts.ts";
import { emailShape, readEmailWish } from "../email/email-properties.ts";
import { MessageBytes } from "../email/message-bytes.ts";
import { renderEmail } from "../email/render-email.ts";
import { MethodFailure } from "../jmap-errors.ts";
import type { Method } from "../method.ts";
import { id, listOf, readArguments } from "../read-arguments.ts";
import { asObject } from "../standard-set.ts";

/** Messages are read whole to be parsed. */
const maxBlobs = 20;

/** RFC 8621 section 4.9. */
export const emailParse: Method<"Email/parse"> = async (context, given) => {
  const { accountId, blobIds, ...rest } = readArguments(given, { accountId: id, blobIds: listOf(id), ...emailShape });
  const access = await context.accounts.open(accountId);
  const { mail, limits } = context.deps;
  const wish = readEmailWish(rest, "parse");
  if (blobIds.length > maxBlobs) throw new MethodFailure("requestTooLarge", `At most ${maxBlobs} are parsed at once`);
  const parsed = new Map<string, Partial<Email>>();
  const notParsable: string[] = [];
  const notFound: string[] = [];
  const budget = { octets: limits.maxBodyValuesBytes };
  for (const blobId of new Set(blobIds)) {
    try {
      const source = await openMailBlob(mail, access, fromBlobId(blobId));
      if (source.size > limits.maxSizeUpload) {
        notParsable.push(blobId);
        continue;
      }
      const chunks: Buffer[] = [];
      for await (const chunk of source.open()) chunks.push(chunk as Buffer);
      const whole = Buffer.concat(chunks);
      const analyzed = await mail.analyze(whole);
      const bytes = MessageBytes.of(whole);
      const header = await readBlock(bytes, analyzed.root);
      if (header.fields.length === 0) {
        notParsable.push(blobId);
        continue;
      }
      const content = {
        ...analyzed,
        blobId,
        size: whole.length,
        sentAt: analyzed.sentAt === null ? null : new Date(analyzed.sentAt),
        summary: analyzed,
      };
      parsed.set(
        blobId,
        await renderEmail({ content, stored: undefined, tree: analyzed.root, header, bytes }, wish, limits, budget),
      );
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== "not_found") throw error;
      notFound.push(blobId);
    }
  }
  return {
    accountId,
    parsed: asObject(parsed),
    notParsable: notParsable.length > 0 ? notParsable : null,
    notFound: notFound.length > 0 ? notFound : null,
  };
};
