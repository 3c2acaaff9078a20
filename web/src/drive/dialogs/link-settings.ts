/** The end of a day as `<input type="date">` gives it, or that time of it, in the browser's time zone. Null for an empty day. */
export function endOf(day: string, time = ""): string | null {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (!parts) return null;
  const clock = /^(\d{2}):(\d{2})$/.exec(time);
  const [hours, minutes, seconds] = clock ? [Number(clock[1]), Number(clock[2]), 0] : [23, 59, 59];
  return new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]), hours, minutes, seconds).toISOString();
}

/** The time of an instant, for `<input type="time">`; empty for the end of its day. */
export function timeOf(instant: string | Date): string {
  const date = new Date(instant);
  const two = (value: number) => String(value).padStart(2, "0");
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return time === "23:59" ? "" : time;
}

/** The day of an instant, for `<input type="date">`, in the browser's time zone. */
export function dayOf(instant: string | Date): string {
  const date = new Date(instant);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The day that is so many days or months later; the 31st of a short month is its last day. */
export function later(from: Date, step: { days?: number; months?: number }): string {
  const date = new Date(from.getFullYear(), from.getMonth() + (step.months ?? 0), 1);
  const lastDay = new Date(date.getFullYear(), date.getMonth() + 1, 0).getDate();
  date.setDate(Math.min(from.getDate(), lastDay));
  date.setDate(date.getDate() + (step.days ?? 0));
  return dayOf(date);
}

/* Without 0 O 1 l I: it is read aloud. 32 letters and figures: 16 of them are 80 bits, and no remainder favors one. */
const letters = "abcdefghijkmnpqrstuvwxyz23456789";

/** A password that can be told over the telephone: « k3mt-9fvw-… ». */
export function suggestPassword(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte, at) => (at > 0 && at % 4 === 0 ? "-" : "") + letters[byte % letters.length]).join("");
}
