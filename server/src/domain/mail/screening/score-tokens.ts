/** How often a token, or any message, was learned as each kind. */
export interface Counts {
  readonly spam: number;
  readonly ham: number;
}

/** A token about which nothing is known, and how many messages that opinion is worth (Robinson's x and s). */
const unknown = 0.5;
const strength = 0.45;
/** Tokens nearer to the middle say nothing. */
const leastDeviation = 0.1;
const mostTokens = 150;

/**
 * The probability that a message is spam, by Robinson's estimate for each token and Fisher's method over the most telling ones:
 * near 1 spam, near 0 not, near 0.5 undecided. The counts of tokens are set against the number of messages learned of each
 * kind, so learning much of one kind does not tip the scales by itself.
 * @param tokens counts of the message's tokens; those never learned may be left out
 * @param corpus messages learned
 */
export function scoreTokens(tokens: Iterable<Counts>, corpus: Counts): number {
  if (corpus.spam < 1 || corpus.ham < 1) return unknown;
  const telling = [...tokens]
    .map((token) => estimate(token, corpus))
    .filter((f) => Math.abs(f - 0.5) >= leastDeviation)
    .sort((a, b) => Math.abs(b - 0.5) - Math.abs(a - 0.5))
    .slice(0, mostTokens);
  if (telling.length === 0) return unknown;
  const sum = (of: (f: number) => number) => telling.reduce((total, f) => total + Math.log(of(f)), 0);
  const hammy = chiSquareTail(-2 * sum((f) => f), 2 * telling.length);
  const spammy = chiSquareTail(-2 * sum((f) => 1 - f), 2 * telling.length);
  return (1 + hammy - spammy) / 2;
}

function estimate({ spam, ham }: Counts, corpus: Counts): number {
  const learned = spam + ham;
  const spamShare = Math.min(1, spam / corpus.spam);
  const hamShare = Math.min(1, ham / corpus.ham);
  const ratio = learned === 0 ? unknown : spamShare / (spamShare + hamShare);
  return (strength * unknown + learned * ratio) / (strength + learned);
}

/**
 * The probability that a chi-square variable is at least `value`.
 * @param degrees even
 */
export function chiSquareTail(value: number, degrees: number): number {
  const half = value / 2;
  if (half <= 0) return 1;
  // In logarithms: exp(-half) alone is 0 in a double from 745 on.
  let logTerm = -half;
  let logSum = logTerm;
  for (let i = 1; i < degrees / 2; i++) {
    logTerm += Math.log(half / i);
    const [larger, smaller] = logTerm > logSum ? [logTerm, logSum] : [logSum, logTerm];
    logSum = larger + Math.log1p(Math.exp(smaller - larger));
  }
  return Math.min(1, Math.exp(logSum));
}
