import type { fr } from "../fr/password.ts";

export const en: typeof fr = {
  next: "New password",
  rule: (min) => `At least ${min} characters. Four unrelated words make a good password.`,
  strength: "Strength",
  checking: "Checking…",
  weak: "Too easy to guess",
  fair: "Strong",
  strong: "Very strong",
  reasons: {
    too_short: "It is too short.",
    too_long: "It is too long.",
    too_guessable: "It can be guessed too fast: add a word.",
    common: "Many people already use it.",
    personal: "It contains your name, your address or your commune.",
    same_as_current: "This is the current password.",
  },
};
