/** A reason not to start: the message is one sentence for the person who starts the program. */
export class StartError extends Error {
  override readonly name = "StartError";
}
