import { writeString } from "../../formats/managesieve-syntax/write-string.ts";
import { sieveCapabilities } from "../../formats/sieve/capabilities.ts";
import { defaultSieveLimits } from "../../formats/sieve/limits.ts";
import type { Session } from "./session.ts";

export const mechanisms = ["PLAIN", "OAUTHBEARER", "XOAUTH2"] as const;

/** RFC 5804 section 1.7. No mechanism is offered where a password would travel in clear. */
export async function writeCapabilities(session: Session): Promise<string> {
  const capabilities: [string, string?][] = [
    ["IMPLEMENTATION", "Bouquet"],
    ["SIEVE", sieveCapabilities.join(" ")],
    ["NOTIFY", "mailto"],
    ["MAXREDIRECTS", String(defaultSieveLimits.maxRedirects)],
    ["SASL", session.mayLogIn && !session.isSignedIn ? mechanisms.join(" ") : ""],
    ...(session.channel.secure || session.isSignedIn ? [] : [["STARTTLS"] as [string]]),
    ["UNAUTHENTICATE"],
    ["LANGUAGE", "en"],
    ["VERSION", "1.0"],
  ];
  if (session.isSignedIn) {
    const { ownerAddress, ownerName } = await session.access();
    capabilities.push(["OWNER", ownerAddress ?? ownerName]);
  }
  return capabilities
    .map(([name, value]) => `${writeString(name)}${value === undefined ? "" : ` ${writeString(value)}`}\r\n`)
    .join("");
}
