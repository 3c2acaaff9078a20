/** A server that cannot listen: the message is one sentence for the person who starts the program. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

/** Says why listening failed in words that lead to the remedy. */
export function explainListenFailure(error: unknown, what: string, place: ListenPlace): ListenError {
  const { code } = error as NodeJS.ErrnoException;
  const where = `port ${place.port}${place.host === undefined ? "" : ` of ${place.host}`}`;
  const reasons: Record<string, string> = {
    EADDRINUSE: "another program already uses it",
    EACCES: "ports below 1024 need a privilege",
    EADDRNOTAVAIL: "this machine does not have that address",
  };
  return new ListenError(`${what} cannot listen on ${where}: ${reasons[code ?? ""] ?? code ?? String(error)}.`, {
    cause: error,
  });
}

export type ListenPlace = {
  /** Undefined: every interface, IPv6 and IPv4. */
  readonly host: string | undefined;
  /** 0 takes a free one. */
  readonly port: number;
};
