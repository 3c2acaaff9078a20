import { type DestinationStream, destination, pino } from "pino";
import { hideSecrets } from "./hide-secrets.ts";
import { textLines } from "./text-lines.ts";

export type LogSettings = {
  readonly level: "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";
  readonly format: "auto" | "json" | "text";
};

type LogFn = {
  (details: object, message?: string): void;
  (message: string): void;
};

/** What the program logs with. Details are an object, the message a constant sentence: values go into the details. */
export type Logger = {
  readonly trace: LogFn;
  readonly debug: LogFn;
  readonly info: LogFn;
  readonly warn: LogFn;
  readonly error: LogFn;
  readonly fatal: LogFn;
  /** A logger whose lines carry `area`, such as `imap` or `delivery`. */
  area(name: string): Logger;
};

function wrap(instance: pino.Logger): Logger {
  const at = (level: "trace" | "debug" | "info" | "warn" | "error" | "fatal") =>
    instance[level].bind(instance) as LogFn;
  return {
    trace: at("trace"),
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    fatal: at("fatal"),
    area: (name) => wrap(instance.child({ area: name })),
  };
}

/**
 * Makes the logger of the program. Lines go to `stream`, by default the standard output, written synchronously so that
 * the last words before a crash are not lost. Passwords, tokens, cookies and authorization headers are replaced.
 */
export function createLogger(settings: LogSettings, stream?: DestinationStream): Logger {
  const text = settings.format === "text" || (settings.format === "auto" && process.stdout.isTTY === true);
  const out = stream ?? destination({ fd: 1, sync: true });
  return wrap(
    pino(
      {
        level: settings.level,
        base: null,
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }), log: hideSecrets },
        serializers: { error: describeError, err: describeError },
      },
      text ? textLines(out) : out,
    ),
  );
}

/** An error as a log line holds it; `cause` is followed, and only fields that cannot hold a user's data are kept. */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return error;
  const { code, detail } = error as { code?: unknown; detail?: unknown };
  return {
    name: error.name,
    message: error.message,
    ...(typeof code === "string" || typeof code === "number" ? { errorCode: code } : {}),
    ...(typeof detail === "string" && error.name === "DomainError" ? { detail } : {}),
    stack: error.stack
      ?.split("\n")
      .slice(1, 12)
      .map((line) => line.trim())
      .join(" | "),
    ...(error.cause !== undefined && depth < 3 ? { cause: describeError(error.cause, depth + 1) } : {}),
  };
}

/** A logger that drops everything, for code that needs one and has no reader. */
export const silentLogger: Logger = createLogger({ level: "silent", format: "json" }, { write: () => {} });
