/** What a stranger wrote as one line that the database can hold: no NUL or other control, no half of a surrogate pair. */
export function storableLine(text: string, maxLength: number): string {
  return text
    .slice(0, maxLength)
    .toWellFormed()
    .replace(/\p{Cc}+/gu, " ");
}
