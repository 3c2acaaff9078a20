/** RFC 8620 section 1.4: no fraction of a second when it is zero. */
export function toUtcDate(date: Date): string {
  return date.toISOString().replace(".000Z", "Z");
}
