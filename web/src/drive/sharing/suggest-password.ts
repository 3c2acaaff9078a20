/* Without 0 O 1 l I: it is read aloud. 32 letters and figures: 16 of them are 80 bits, and no remainder favors one. */
const letters = "abcdefghijkmnpqrstuvwxyz23456789";

/** A password that can be told over the telephone: « k3mt-9fvw-… ». */
export function suggestPassword(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte, at) => (at > 0 && at % 4 === 0 ? "-" : "") + letters[byte % letters.length]).join("");
}
