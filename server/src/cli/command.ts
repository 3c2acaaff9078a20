import type { Config } from "../config/config.ts";
import type { Resolver } from "../domain/mail/resolver.ts";
import type { OpenedDomain } from "../open-domain.ts";

export interface CommandContext {
  readonly domain: OpenedDomain;
  readonly config: Config;
  /** DNS, as the server asks it. */
  readonly resolver: Resolver;
  print(text: string): void;
}

export interface Command {
  /** Its forms, after `npm run bouquet --`. */
  readonly usage: readonly string[];
  /** One sentence, in French. */
  readonly what: string;
  readonly options?: Readonly<Record<string, { readonly type: "string" | "boolean"; readonly multiple?: boolean }>>;
  /**
   * @param positionals what follows the command's name
   * @throws UsageError, DomainError
   */
  run(
    context: CommandContext,
    positionals: readonly string[],
    options: Readonly<Record<string, unknown>>,
  ): Promise<void>;
}

/** The command was not written as its usage says. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** @throws UsageError when it is missing */
export function required(value: unknown, what: string): string {
  if (typeof value !== "string" || value === "") throw new UsageError(`Il manque ${what}.`);
  return value;
}
