import type { RecordType, Resolver } from "../../src/domain/mail/resolver.ts";

type Answer = unknown[] | Error | "silence";

/** Answers what the test says; a name that it does not know does not exist. */
export class FakeDns implements Resolver {
  readonly #answers = new Map<string, Answer>();
  /** Every question, such as `MX bourg-fleuri.example`. */
  readonly asked: string[] = [];
  /** True: nothing is ever answered, as when every DNS server is down. */
  isDown = false;

  set(type: RecordType, name: string, answer: Answer): void {
    this.#answers.set(`${type} ${name.toLowerCase()}`, answer);
  }

  resolve = ((name: string, type: RecordType): Promise<unknown[]> => {
    const question = `${type} ${name.toLowerCase()}`;
    this.asked.push(question);
    const answer = this.isDown ? "silence" : this.#answers.get(question);
    if (answer === "silence") return new Promise(() => {});
    if (answer instanceof Error) return Promise.reject(answer);
    if (answer) return Promise.resolve(answer);
    return Promise.reject(Object.assign(new Error(`query${type} ENOTFOUND ${name}`), { code: "ENOTFOUND" }));
  }) as Resolver["resolve"];
}
