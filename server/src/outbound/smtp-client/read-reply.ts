/** Why a recipient or a message was not taken. */
export interface Failure {
  readonly isPermanent: boolean;
  /** RFC 3463. */
  readonly status: string;
  /** One line, at most 500 characters: what the server said, or what kept us from reaching it. */
  readonly reply: string;
}

/** The enhanced status code of a reply such as `550 5.1.1 No such user` (RFC 2034), if it has one of the same class. */
export function statusOf(reply: string): string | undefined {
  const match = /^(\d)\d\d[ -](\d\.\d{1,3}\.\d{1,3})(?=\s|$)/.exec(reply);
  return match && match[1] === match[2]![0] ? match[2] : undefined;
}

/** Reads what nodemailer threw: its `response` when the server refused, its `code` when it was not reached. */
export function readFailure(error: unknown): Failure {
  const { response, responseCode, code, originalCode, message } = error as {
    response?: string;
    responseCode?: number;
    code?: string;
    originalCode?: string;
    message?: string;
  };
  if (typeof response === "string" && responseCode !== undefined && responseCode >= 400) {
    // 503 tells of the session, not of the message; a permanent error about the connection may be gone next time.
    const isPermanent = responseCode >= 500 && responseCode !== 503;
    const status = statusOf(response) ?? (isPermanent ? basicStatus(responseCode) : "4.0.0");
    return { isPermanent, status: isPermanent ? status : status.replace(/^5/, "4"), reply: oneLine(response) };
  }
  if (code === "EMESSAGE" && /larger than allowed/.test(message ?? "")) {
    return { isPermanent: true, status: "5.3.4", reply: "The message is larger than the other server takes" };
  }
  if (code === "EENVELOPE") return { isPermanent: true, status: "5.1.3", reply: oneLine(message ?? "Bad address") };
  const reason = originalCode ?? code ?? "";
  const status = reasons[reason] ?? "4.4.2";
  return { isPermanent: false, status, reply: oneLine(message ?? reason) };
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "4.4.1",
  EHOSTUNREACH: "4.4.1",
  ENETUNREACH: "4.4.1",
  ETIMEDOUT: "4.4.1",
  ETLS: "4.7.5",
  EAUTH: "4.7.8",
  ENOAUTH: "4.7.8",
};

/** For servers that give no enhanced code. */
function basicStatus(code: number): string {
  if (code === 550 || code === 551) return "5.1.1";
  if (code === 552) return "5.2.2";
  if (code === 553) return "5.1.3";
  return "5.0.0";
}

function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim()
    .slice(0, 500);
}
