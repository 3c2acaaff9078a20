import { readSnippets, snippetEnd, snippetStart } from "../../../domain/mail/search/read-snippets.ts";
import { escapeHtml } from "../../shared/escape-html.ts";
import { emailFilter, soughtTexts } from "../email/email-filter.ts";
import { MethodFailure } from "../jmap-errors.ts";
import { type Method, resolveId } from "../method.ts";
import { id, listOf, nullable, readArguments, reference } from "../read-arguments.ts";

/** Longest preview in octets (RFC 8621 section 5). */
const previewOctets = 255;

/** RFC 8621 section 5.1. */
export const searchSnippetGet: Method<"SearchSnippet/get"> = async (context, given) => {
  const { accountId, filter, emailIds } = readArguments(given, {
    accountId: id,
    filter: nullable(emailFilter),
    emailIds: listOf(reference),
  });
  const access = await context.accounts.open(accountId);
  const { limits, mail } = context.deps;
  if (emailIds.length > limits.maxObjectsInGet) throw new MethodFailure("requestTooLarge");
  const ids = [...new Set(emailIds.map((each) => resolveId(context, each)))];
  const snippets = await readSnippets(mail.store.read, access, ids, soughtTexts(filter ?? {}));
  const byId = new Map(snippets.map((snippet) => [snippet.messageId, snippet]));
  const notFound = ids.filter((each) => !byId.has(each));
  return {
    accountId,
    list: ids.flatMap((emailId) => {
      const snippet = byId.get(emailId);
      if (!snippet) return [];
      return {
        emailId,
        subject: snippet.subject === null ? null : markUp(snippet.subject),
        preview: snippet.body === null ? null : shorten(snippet.body.replace(/\s+/g, " ").trim()),
      };
    }),
    notFound: notFound.length > 0 ? notFound : null,
  };
};

/** Words at the end go until the marked up text is short enough. */
function shorten(text: string): string {
  let kept = text;
  for (;;) {
    const marked = markUp(kept);
    if (Buffer.byteLength(marked) <= previewOctets) return marked;
    const space = kept.lastIndexOf(" ");
    kept = space > 0 ? kept.slice(0, space) : kept.slice(0, Math.floor(kept.length / 2)).toWellFormed();
    if (kept === "") return "";
  }
}

/** HTML with `<mark>` as its only tag. */
function markUp(text: string): string {
  const open = text.split(snippetStart).length;
  const closed = text.split(snippetEnd).length;
  return escapeHtml(open > closed ? text + snippetEnd : text)
    .replaceAll(snippetStart, "<mark>")
    .replaceAll(snippetEnd, "</mark>");
}
