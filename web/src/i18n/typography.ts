/** French typography: puts the no-break spaces that a text typed with ordinary spaces lacks. */
export function frenchSpaces(text: string): string {
  return text
    .replaceAll(/ ([?!:;»])/g, "\u00a0$1")
    .replaceAll(/« /g, "«\u00a0")
    .replaceAll(/(\d) (?=\d{2}\b|\d{3}\b|h\b|min\b|%|[KMGT]?o\b)/g, "$1\u00a0");
}
