/** The client closed its connection before it had the whole answer: its right, and no fault of ours. */
export class ClientGone extends Error {
  override readonly name = "ClientGone";

  constructor() {
    super("The client went away");
  }
}

/** Of what streams say when the other end has closed. */
export function isClientGone(thrown: unknown): boolean {
  const { code } = thrown as { code?: unknown };
  return (
    thrown instanceof ClientGone || code === "ERR_STREAM_PREMATURE_CLOSE" || code === "ECONNRESET" || code === "EPIPE"
  );
}
