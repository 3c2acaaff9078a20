/**
 * oidc-provider says on stderr that a Node outside of a long-term line is unsupported, in the middle of structured logs. Ours
 * is one exact version, with which our tests run. Everything else that it may warn of is let through.
 */
const { warn } = console;
console.warn = (...words: unknown[]) => {
  if (!String(words[0]).includes("oidc-provider WARNING: Unsupported runtime")) warn(...words);
};
const loaded = await import("oidc-provider").finally(() => {
  console.warn = warn;
});

export const { Provider, errors, interactionPolicy } = loaded;
