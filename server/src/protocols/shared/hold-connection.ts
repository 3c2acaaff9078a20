/**
 * Counts one more connection of a person in this copy of the program.
 * @param connectionsOf connections by principal id
 * @returns what gives it back, to be called once; undefined when the person has `limit` already
 */
export function holdConnection(
  connectionsOf: Map<string, number>,
  principalId: string,
  limit: number,
): (() => void) | undefined {
  const held = connectionsOf.get(principalId) ?? 0;
  if (held >= limit) return undefined;
  connectionsOf.set(principalId, held + 1);
  return () => {
    const left = (connectionsOf.get(principalId) ?? 1) - 1;
    if (left === 0) connectionsOf.delete(principalId);
    else connectionsOf.set(principalId, left);
  };
}
