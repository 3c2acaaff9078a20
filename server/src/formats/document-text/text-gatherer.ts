/** Gathers words up to a limit, white space collapsed; the rest of a document need not be read then. */
export class TextGatherer {
  readonly #limit: number;
  #pieces: string[] = [];
  #length = 0;
  #pending = "";

  /** @param limit UTF-16 units */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.#length >= this.#limit;
  }

  /** Text that continues the word before it. */
  add(text: string): void {
    if (this.isFull) return;
    this.#pending += text;
    if (this.#pending.length > 4_096) this.#settle();
  }

  /** What comes next is another word. */
  break(): void {
    this.#pending += " ";
  }

  /** All that was gathered; never ends between the halves of a pair. */
  end(): string {
    this.#settle();
    const text = this.#pieces.join("").replace(/\s+/g, " ").trim();
    if (text.length <= this.#limit) return text;
    const code = text.charCodeAt(this.#limit - 1);
    return text.slice(0, code >= 0xd800 && code <= 0xdbff ? this.#limit - 1 : this.#limit);
  }

  #settle(): void {
    const text = this.#pending.replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, " ");
    this.#pending = "";
    this.#pieces.push(text);
    this.#length += text.length;
  }
}
