/** A setting that is wrong: the message is one sentence for the person who starts the program. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}
