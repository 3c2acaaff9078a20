/** The bytes are not the document they are said to be, or nobody may read it. */
export class DocumentError extends Error {
  override readonly name = "DocumentError";
}
