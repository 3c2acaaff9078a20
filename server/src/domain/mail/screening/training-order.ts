export type Verdict = "spam" | "ham";

/** Payload of the outbox rows that train the classifier. */
export interface TrainingOrder {
  accountId: string;
  verdict: Verdict;
  messageIds: string[];
}

export const trainingTopic = "mail.train";
