import type { HeaderField } from "../../formats/mime/headers.ts";

/**
 * The header section without what only we may say: Authentication-Results in our name (RFC 8601 section 5) and a Return-Path
 * (RFC 5321 section 4.4). The rest keeps its bytes, so signatures stay valid.
 */
export function withoutForgedFields(header: Buffer, fields: readonly HeaderField[], authservId: string): Buffer {
  const kept: Buffer[] = [];
  let from = 0;
  for (const field of fields) {
    if (!isForged(field, authservId)) continue;
    kept.push(header.subarray(from, field.start));
    from = field.end;
  }
  kept.push(header.subarray(from));
  return Buffer.concat(kept);
}

function isForged(field: HeaderField, authservId: string): boolean {
  if (field.key === "return-path") return true;
  if (field.key !== "authentication-results") return false;
  const id = withoutComments(field.value).trimStart().split(/[\s;]/, 1)[0]?.replaceAll('"', "");
  return id?.toLowerCase() === authservId.toLowerCase();
}

/** Comments nest (RFC 5322 section 3.2.2). */
function withoutComments(value: string): string {
  let depth = 0;
  let text = "";
  for (let index = 0; index < value.length; index++) {
    const character = value[index]!;
    if (character === "\\" && depth > 0) index++;
    else if (character === "(") depth++;
    else if (character === ")" && depth > 0) depth--;
    else if (depth === 0) text += character;
  }
  return text;
}
