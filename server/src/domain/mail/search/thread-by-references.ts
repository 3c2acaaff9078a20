/** What threading needs to know of a message. */
export interface ThreadableMessage {
  readonly uid: number;
  readonly messageId: string | null;
  /** Ids of References; the first of In-Reply-To when there are none. */
  readonly references: readonly string[];
  /** Equal for equal base subjects; empty for none. */
  readonly subject: string;
  readonly isReply: boolean;
  /** Date sent, in milliseconds. */
  readonly date: number;
}

/** A message and those that answer it; `uid` 0 stands for one that is not there. */
export interface ThreadNode {
  readonly uid: number;
  readonly children: readonly ThreadNode[];
}

interface Node {
  message: ThreadableMessage | null;
  parent: Node | null;
  children: Node[];
}

const STEPS_PER_TURN = 10_000;

/** Counts steps; true when others should get their turn. */
function createTurns(): () => boolean {
  let steps = 0;
  return () => {
    steps += 1;
    return steps % STEPS_PER_TURN === 0;
  };
}

/**
 * The REFERENCES algorithm of RFC 5256 section 3, step by step; chains may be as long as the mailbox, so nothing recurses.
 * Yields when others should get their turn.
 * @param messages in the order of the mailbox
 * @returns the threads, in order
 */
export function* threadByReferences(messages: readonly ThreadableMessage[]): Generator<void, ThreadNode[]> {
  const isTurn = createTurns();
  const nodes = yield* linkMessages(messages, isTurn);
  const root: Node = { message: null, parent: null, children: [] };
  for (const node of nodes) if (node.parent === null) adopt(root, node);
  yield* prune(root, isTurn);
  for (const child of root.children) if (child.message === null) child.children.sort(byDate);
  root.children.sort(byDate);
  mergeSubjects(root);
  yield* sortSiblings(root, isTurn);
  return toThreads(root.children);
}

/** Step 1: parents and children by Message-ID; the messages that are only named are dummies. */
function* linkMessages(messages: readonly ThreadableMessage[], isTurn: () => boolean): Generator<void, Iterable<Node>> {
  const byId = new Map<string, Node>();
  const nodes: Node[] = [];
  const own: Node[] = [];
  const create = (message: ThreadableMessage | null): Node => {
    const node: Node = { message, parent: null, children: [] };
    nodes.push(node);
    return node;
  };
  // Ids first: a message that comes twice, or has none, is another one that nobody can answer.
  for (const message of messages) {
    const node = create(message);
    own.push(node);
    if (message.messageId !== null && !byId.has(message.messageId)) byId.set(message.messageId, node);
  }
  for (const [index, { references }] of messages.entries()) {
    const node = own[index] as Node;
    let previous: Node | null = null;
    for (const id of references) {
      let named: Node | undefined = byId.get(id);
      if (named === undefined) {
        named = create(null);
        byId.set(id, named);
      }
      if (previous !== null && named.parent === null && !(yield* wouldLoop(previous, named, isTurn))) {
        adopt(previous, named);
      }
      previous = named;
    }
    // A parent that another's truncated References gave is no better than one's own last reference.
    if (node.parent !== null) leave(node);
    if (previous !== null && !(yield* wouldLoop(previous, node, isTurn))) adopt(previous, node);
    if (isTurn()) yield;
  }
  return nodes;
}

/** Whether the child is among the ancestors of the parent to be. */
function* wouldLoop(parent: Node, child: Node, isTurn: () => boolean): Generator<void, boolean> {
  if (parent === child) return true;
  if (child.children.length === 0) return false;
  for (let above: Node | null = parent.parent; above !== null; above = above.parent) {
    if (above === child) return true;
    if (isTurn()) yield;
  }
  return false;
}

function adopt(parent: Node, child: Node): void {
  child.parent = parent;
  parent.children.push(child);
}

function leave(node: Node): void {
  const siblings = node.parent?.children ?? [];
  siblings.splice(siblings.indexOf(node), 1);
  node.parent = null;
}

/** All below, children before their parents. */
function descendants(root: Node): Node[] {
  const found: Node[] = [];
  const stack = [...root.children];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    found.push(node);
    for (const child of node.children) stack.push(child);
  }
  return found.reverse();
}

/** Step 3: dummies go; their children take their place, except that several do not become threads of their own. */
function* prune(root: Node, isTurn: () => boolean): Generator<void, void> {
  for (const node of [...descendants(root), root]) {
    const isTop = node === root;
    const kept: Node[] = [];
    for (const child of node.children) {
      const stays = child.message !== null || (isTop && child.children.length > 1);
      if (stays) kept.push(child);
      else kept.push(...child.children);
      if (isTurn()) yield;
    }
    for (const child of kept) child.parent = node;
    node.children = kept;
  }
}

/** The date of a dummy is that of its first child, and dummies are never nested here. */
function representative(node: Node): ThreadableMessage {
  const message = node.message ?? node.children[0]?.message;
  if (!message) throw new Error("a thread without any message");
  return message;
}

function byDate(a: Node, b: Node): number {
  const [first, second] = [representative(a), representative(b)];
  return first.date - second.date || first.uid - second.uid;
}

/**
 * Step 5: threads of the same base subject are one. The table prefers dummies, then originals: so who makes a new dummy necessary comes
 * after the one it is joined with.
 */
function mergeSubjects(root: Node): void {
  const table = new Map<string, Node>();
  for (const node of root.children) {
    const { subject } = representative(node);
    if (subject === "") continue;
    const known = table.get(subject);
    const isBetter =
      known?.message && (node.message === null || (representative(known).isReply && !node.message.isReply));
    if (known === undefined || isBetter) table.set(subject, node);
  }
  const kept: Node[] = [];
  const replaced = new Map<Node, Node>();
  for (const node of root.children) {
    const { subject } = representative(node);
    const known = subject === "" ? node : (table.get(subject) as Node);
    if (known === node) {
      kept.push(node);
      continue;
    }
    if (known.message === null) {
      for (const child of node.message === null ? node.children : [node]) adopt(known, child);
    } else if (node.message?.isReply && !known.message.isReply) adopt(known, node);
    else {
      const dummy: Node = { message: null, parent: root, children: [] };
      adopt(dummy, known);
      adopt(dummy, node);
      table.set(subject, dummy);
      replaced.set(known, dummy);
    }
  }
  root.children = kept.map((node) => replaced.get(node) ?? node);
}

/** Step 6. Children are sorted before the parent whose date they may give. */
function* sortSiblings(root: Node, isTurn: () => boolean): Generator<void, void> {
  for (const node of [...descendants(root), root]) {
    if (node.children.length > 1) node.children.sort(byDate);
    if (isTurn()) yield;
  }
}

function toThreads(nodes: readonly Node[]): ThreadNode[] {
  const threads: { uid: number; children: ThreadNode[] }[] = [];
  const stack = nodes.toReversed().map((node) => ({ node, into: threads }));
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const made = { uid: next.node.message?.uid ?? 0, children: [] };
    next.into.push(made);
    for (const child of next.node.children.toReversed()) stack.push({ node: child, into: made.children });
  }
  return threads;
}
