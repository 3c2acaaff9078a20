import type { Blobs, StagedBlob } from "../../../store/blobs/blobs.ts";
import type { IncomingMessage } from "../delivery/incoming-message.ts";
import type { RecipientAccount } from "../delivery/resolve-recipient.ts";
import type { MailDeps } from "../model.ts";
import { type CorpusSize, classifyMessage } from "./classify-message.ts";
import { extractFeatures, hashFeatures } from "./extract-features.ts";
import { type Judgement, judgeScreening, unjudged } from "./judge-screening.ts";
import type { ScreeningOptions } from "./screening-deps.ts";
import { rulesFor } from "./screening-rules.ts";

/** When rspamd saw nothing, our classifier must be this sure. */
const sureThreshold = 0.99;

/**
 * Where a message goes for one account, before the account's filters. Only what another server sent is judged. `quarantine` and `refuse`
 * are for messages that screening could not refuse for all recipients: what is to be refused for one of several cannot be told to the
 * sender's server any more, and is kept in the quarantine like the other.
 * @param corpora what the classifier has learned for the account and its organization
 */
export async function judgeForAccount(
  deps: Pick<MailDeps, "store" | "blobs"> & Pick<ScreeningOptions, "trustedSealers">,
  account: RecipientAccount,
  message: IncomingMessage,
  corpora: readonly CorpusSize[],
): Promise<Judgement> {
  const { screening, arrival, sender } = message;
  if (arrival !== "received" || !screening) return unjudged;
  const { policy, rules } = await rulesFor(deps.store.read, account, sender, screening);
  const judgement = judgeScreening(screening, policy, rules, deps.trustedSealers ?? []);
  if (judgement.isFinal || policy.junkThreshold >= 1) return judgement;
  const tokens = () => tokensOf(deps.blobs, message);
  const probability = await classifyMessage(deps.store.read, account, policy.minimumLearned, corpora, tokens);
  const threshold = screening.rspamd ? Math.max(sureThreshold, policy.junkThreshold) : policy.junkThreshold;
  if (probability === undefined || probability < threshold) return judgement;
  return {
    folder: "junk",
    reason: "spam",
    text: `The classifier takes it for spam (${probability.toFixed(3)})`,
    isFinal: true,
  };
}

/** Once for all accounts that one message goes to. */
const tokenLists = new WeakMap<IncomingMessage, Promise<string[]>>();

function tokensOf(blobs: Blobs, message: IncomingMessage): Promise<string[]> {
  const known = tokenLists.get(message) ?? readTokens(blobs, message);
  tokenLists.set(message, known);
  return known;
}

async function readTokens(blobs: Blobs, { staged, analyzed }: IncomingMessage): Promise<string[]> {
  return hashFeatures(
    await extractFeatures({ root: analyzed.root, read: (start, end) => readRange(blobs, staged, start, end) }),
  );
}

async function readRange(blobs: Blobs, staged: StagedBlob, start: number, end: number): Promise<Buffer> {
  if (staged.data) return staged.data.subarray(start, end);
  if (start >= end) return Buffer.alloc(0);
  return Buffer.concat(await blobs.storage.read(staged.id, { start, end }).toArray());
}
