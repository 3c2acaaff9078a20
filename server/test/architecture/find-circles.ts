/** The circles of a graph: each strongly connected set of more than one file, and each file that imports itself (Tarjan). */
export function findCircles(
  edges: readonly { readonly from: string; readonly to: string }[],
): readonly (readonly string[])[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) {
    next.set(from, [...(next.get(from) ?? []), to]);
  }
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];

  function visit(file: string): void {
    index.set(file, index.size);
    low.set(file, index.get(file)!);
    stack.push(file);
    for (const target of next.get(file) ?? []) {
      if (!index.has(target)) visit(target);
      if (stack.includes(target)) low.set(file, Math.min(low.get(file)!, low.get(target)!));
    }
    if (low.get(file) !== index.get(file)) return;
    const members = stack.splice(stack.indexOf(file));
    if (members.length > 1 || next.get(file)?.includes(file)) circles.push(members);
  }

  for (const file of next.keys()) if (!index.has(file)) visit(file);
  return circles;
}
