/**
 * Desktop clients before 3.9.1 cannot put an empty file in a request of many: they give up without having sent a byte, and say so of
 * every file that was to go with it (nextcloud/desktop#5871). To them the request of many is not announced.
 */
export function sendsEmptyFiles(userAgent: string | undefined): boolean {
  const [, major, minor, patch] = /\bmirall\/(\d{1,4})\.(\d{1,4})\.(\d{1,6})/.exec(userAgent ?? "") ?? [];
  if (major === undefined) return true;
  const version = [Number(major), Number(minor), Number(patch)];
  for (const [index, needed] of [3, 9, 1].entries()) {
    if (version[index] !== needed) return version[index]! > needed;
  }
  return true;
}
