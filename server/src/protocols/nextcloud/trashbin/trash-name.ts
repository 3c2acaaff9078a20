/** As clients see something in the trash: its name, when it was put there, and its number when that is not enough. */
export interface TrashName {
  readonly name: string;
  /** Since 1970. */
  readonly second: number;
  readonly fileId?: number;
}

export function writeTrashName({ name, second, fileId }: TrashName): string {
  return `${name}.d${second}${fileId === undefined ? "" : `-${fileId}`}`;
}

/** @returns undefined for what is no such name */
export function readTrashName(text: string): TrashName | undefined {
  const [, name, second, fileId] = /^(.+)\.d(\d{1,11})(?:-(\d{1,15}))?$/s.exec(text) ?? [];
  if (name === undefined || second === undefined) return undefined;
  return { name, second: Number(second), ...(fileId !== undefined && { fileId: Number(fileId) }) };
}

/**
 * Names for what lies in the trash. Things of one name that went there in the same second all carry their numbers, so that no name
 * ever means the other one.
 */
export function trashNames<T>(things: readonly T[], describe: (thing: T) => Required<TrashName>): Map<T, string> {
  const groups = Map.groupBy(things, (thing) => {
    const { name, second } = describe(thing);
    return `${second}/${name}`;
  });
  return new Map(
    things.map((thing) => {
      const { name, second, fileId } = describe(thing);
      const isAlone = groups.get(`${second}/${name}`)!.length === 1;
      return [thing, writeTrashName(isAlone ? { name, second } : { name, second, fileId })];
    }),
  );
}
