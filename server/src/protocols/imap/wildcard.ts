/**
 * Whether a mailbox name matches a LIST pattern: `*` stands for anything, `%` for anything within one level (RFC 9051
 * section 6.3.9). Time is bound by pattern times name: a regular expression could be made to backtrack for ever.
 */
export function matchesPattern(name: string, pattern: string): boolean {
  // reachable[i]: the pattern read so far can end after i characters of the name.
  let reachable = new Uint8Array(name.length + 1);
  reachable[0] = 1;
  for (const character of pattern.replace(/[*%]*\*[*%]*/g, "*").replace(/%+/g, "%")) {
    const next = new Uint8Array(name.length + 1);
    if (character === "*" || character === "%") {
      let open = false;
      for (let index = 0; index <= name.length; index += 1) {
        if (character === "%" && index > 0 && name[index - 1] === "/") open = false;
        if (reachable[index] === 1) open = true;
        if (open) next[index] = 1;
      }
    } else {
      // `character` may be a surrogate pair.
      for (let index = 0; index + character.length <= name.length; index += 1) {
        if (reachable[index] === 1 && name.startsWith(character, index)) next[index + character.length] = 1;
      }
    }
    reachable = next;
  }
  return reachable[name.length] === 1;
}
