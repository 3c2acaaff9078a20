interface Searchable {
  readonly displayName: string;
  readonly address: string;
  readonly jobTitle: string;
}

/** Without case nor accents, so that « helene » finds « Hélène ». */
export function fold(text: string): string {
  return text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLocaleLowerCase("fr").trim();
}

/** Whether each word of the folded search stands somewhere in the person's name, address or position. */
export function matches(person: Searchable, foldedSearch: string): boolean {
  const text = fold(`${person.displayName} ${person.address} ${person.jobTitle}`);
  return foldedSearch.split(/\s+/).every((word) => text.includes(word));
}
