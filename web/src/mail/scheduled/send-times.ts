import { type ClockTime, clockAt, instantAt } from "../../i18n/clock.ts";

export interface SendTime {
  readonly id: "tonight" | "tomorrow" | "monday";
  readonly at: Date;
}

/** What is offered at a press: this evening while it is not evening, tomorrow, and Monday unless that is tomorrow. */
export function sendTimes(now: Date, timeZone: string | undefined): SendTime[] {
  const today = Date.parse(clockAt(now, timeZone).day);
  const dayIn = (days: number) => new Date(today + days * 86_400_000).toISOString().slice(0, 10);
  const weekday = new Date(today).getUTCDay();
  const toMonday = (8 - weekday) % 7 || 7;
  const offers: [SendTime["id"], ClockTime][] = [
    ["tonight", { day: dayIn(0), time: "18:00" }],
    ["tomorrow", { day: dayIn(1), time: "08:00" }],
    ...(toMonday > 1 ? [["monday", { day: dayIn(toMonday), time: "08:00" }] as [SendTime["id"], ClockTime]] : []),
  ];
  return offers.flatMap(([id, clock]) => {
    const at = instantAt(clock, timeZone);
    return at && at.getTime() - now.getTime() > 30 * 60_000 ? [{ id, at }] : [];
  });
}
