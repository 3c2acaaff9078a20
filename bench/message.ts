import { randomBytes } from "node:crypto";

const words =
  "la commune réunit son conseil au sujet des travaux de voirie et du budget annexe de l’eau pour cet exercice".split(
    " ",
  );

/** A mail in plain text of about `size` bytes, each another one: nothing may be stored once for many. */
export function composeMessage(number: number, size: number, extra = ""): Buffer {
  const id = randomBytes(8).toString("hex");
  const head = [
    `From: "Camille Fournier" <camille.fournier@sender.example>`,
    `To: "Agent ${number}" <agent.a@bench.example>`,
    `Subject: Compte rendu ${number} ${id}`,
    `Date: Mon, 23 Nov 2026 10:00:00 +0100`,
    `Message-ID: <${id}.${number}@sender.example>`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
    "",
    `${id} ${extra}`,
  ].join("\r\n");
  let body = "";
  for (let at = number; head.length + body.length < size; at++) {
    body += `${words[at % words.length]}${at % 11 === 0 ? "\r\n" : " "}${at % 7 === 0 ? at * 7919 : ""} `;
  }
  return Buffer.from(`${head}\r\n${body}\r\n`);
}
