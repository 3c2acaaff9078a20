import assert from "node:assert/strict";
import type { Invocation, JmapResponse, JmapSession, StateChange, UploadResponse } from "@bouquet/contract/jmap.ts";
import { jmapCapabilities } from "@bouquet/contract/jmap.ts";
import type { ArgumentsOf, JmapMethodName, ResponseOf } from "@bouquet/contract/jmap-methods.ts";

export interface JmapLogin {
  readonly address: string;
  readonly appPassword: string;
}

/** A program that speaks JMAP with an app password, and knows nothing but the contract. */
export class JmapClient {
  readonly origin: string;
  readonly headers: Record<string, string>;
  session!: JmapSession;

  constructor(origin: string, login: JmapLogin) {
    this.origin = origin;
    const basic = Buffer.from(`${login.address}:${login.appPassword}`).toString("base64");
    this.headers = { authorization: `Basic ${basic}` };
  }

  static async open(origin: string, login: JmapLogin): Promise<JmapClient> {
    const client = new JmapClient(origin, login);
    const answer = await fetch(`${origin}/.well-known/jmap`, { headers: client.headers });
    assert.equal(answer.status, 200);
    client.session = (await answer.json()) as JmapSession;
    return client;
  }

  get accountId(): string {
    return this.session.primaryAccounts[jmapCapabilities.mail]!;
  }

  /** The raw answer to a body that need not be a request. */
  post(body: string | Buffer | object, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.session.apiUrl, {
      method: "POST",
      headers: { ...this.headers, "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body),
    });
  }

  async request(methodCalls: readonly unknown[], extra: object = {}): Promise<JmapResponse> {
    const answer = await this.post({ using: Object.values(jmapCapabilities), methodCalls, ...extra });
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    return JSON.parse(text) as JmapResponse;
  }

  /** Several calls; the answers as they came. */
  async calls(...methodCalls: [string, object][]): Promise<Invocation[]> {
    const numbered = methodCalls.map(([name, given], index) => [name, given, `c${index}`]);
    return (await this.request(numbered)).methodResponses;
  }

  /** One call that must succeed, in the person's own account unless said otherwise. */
  async call<M extends JmapMethodName>(
    name: M,
    given: Omit<ArgumentsOf<M>, "accountId"> & { accountId?: string },
  ): Promise<ResponseOf<M>> {
    const [answer] = await this.calls([name, { accountId: this.accountId, ...given }]);
    assert.equal(answer?.[0], name, JSON.stringify(answer));
    return answer[1] as unknown as ResponseOf<M>;
  }

  /** The type of the error that one call must answer. */
  async failure(name: string, given: object): Promise<string> {
    const [answer] = await this.calls([name, given]);
    assert.equal(answer?.[0], "error", JSON.stringify(answer));
    return (answer[1] as { type: string }).type;
  }

  async mailboxId(role: string): Promise<string> {
    const { list } = await this.call("Mailbox/get", { ids: null });
    return list.find((mailbox) => mailbox.role === role)!.id;
  }

  async upload(bytes: Uint8Array, type: string, accountId = this.accountId): Promise<UploadResponse> {
    const answer = await fetch(this.session.uploadUrl.replace("{accountId}", accountId), {
      method: "POST",
      headers: { ...this.headers, "content-type": type },
      body: new Uint8Array(bytes),
    });
    assert.equal(answer.status, 201, await answer.clone().text());
    return (await answer.json()) as UploadResponse;
  }

  downloadUrl(blobId: string, name: string, type: string, accountId = this.accountId): string {
    const values: Record<string, string> = { accountId, blobId, name, type };
    return this.session.downloadUrl.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(values[key]!));
  }

  download(blobId: string, name: string, type: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.downloadUrl(blobId, name, type), { headers: { ...this.headers, ...headers } });
  }

  /** Events of the push stream as they come, until it is closed or aborted. */
  async *push(signal: AbortSignal, query = "types=*&closeafter=no&ping=0"): AsyncGenerator<PushEvent> {
    const answer = await fetch(`${this.origin}/jmap/eventsource?${query}`, { headers: this.headers, signal });
    assert.equal(answer.status, 200);
    let text = "";
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const events = text.split("\n\n");
      text = events.pop()!;
      for (const event of events) {
        const fields = new Map(event.split("\n").map((line) => line.split(/: ?(.*)/s).slice(0, 2) as [string, string]));
        yield { event: fields.get("event") ?? "", id: fields.get("id"), data: fields.get("data") ?? "" };
      }
    }
  }
}

export interface PushEvent {
  event: string;
  id: string | undefined;
  data: string;
}

export function stateChange(event: PushEvent): StateChange {
  assert.equal(event.event, "state");
  return JSON.parse(event.data) as StateChange;
}
