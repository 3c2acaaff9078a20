/**
 * Writes a THREAD response (RFC 5256 section 4). Threads may be as deep as a mailbox is long: nothing recurses.
 * @param numberOf 0 for a message that is not there, which only holds those below it together
 */
export function writeThreads<T extends { readonly children: readonly T[] }>(
  threads: readonly T[],
  numberOf: (node: T) => number,
): string {
  const written: string[] = [];
  const stack: (T | ")")[] = threads.toReversed();
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (next === ")") {
      written.push(")");
      continue;
    }
    const members: number[] = [];
    let node = next;
    for (;;) {
      const number = numberOf(node);
      if (number > 0) members.push(number);
      const only = node.children.length === 1 ? node.children[0] : undefined;
      if (only === undefined) break;
      node = only;
    }
    if (members.length === 0 && node.children.length === 0) continue;
    const separator = members.length > 0 && node.children.length > 0 ? " " : "";
    written.push(`(${members.join(" ")}${separator}`);
    stack.push(")", ...node.children.toReversed());
  }
  return written.length === 0 ? "* THREAD\r\n" : `* THREAD ${written.join("")}\r\n`;
}
