const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** Of the versions of a file that are so old at most, one is kept for each span. Seconds; the last holds for all that is older. */
export const thinningSchedule: readonly { readonly until: number; readonly every: number }[] = [
  { until: 10, every: 2 },
  { until: minute, every: 10 },
  { until: hour, every: minute },
  { until: day, every: hour },
  { until: 30 * day, every: day },
  { until: Number.POSITIVE_INFINITY, every: 7 * day },
];

interface Dated {
  readonly id: string;
  readonly createdAt: Date;
  readonly isCurrent: boolean;
  readonly label: string | null;
}

/**
 * The versions that the schedule keeps: of each span the newest, what the file holds, and those with a name. The others stay for the
 * recovery period all the same; a list need not show them.
 */
export function pickMilestones(versions: readonly Dated[], now: Date): Set<string> {
  const newest = new Map<string, Dated>();
  const picked = new Set<string>();
  for (const version of versions) {
    if (version.isCurrent || version.label !== null) picked.add(version.id);
    const at = version.createdAt.getTime();
    const { every } = thinningSchedule.find(({ until }) => now.getTime() - at <= until * 1000)!;
    // Spans are fixed in time: which version stays does not depend on when it is asked.
    const span = `${every} ${Math.floor(at / (every * 1000))}`;
    const known = newest.get(span);
    if (!known || known.createdAt < version.createdAt) newest.set(span, version);
  }
  for (const { id } of newest.values()) picked.add(id);
  return picked;
}
