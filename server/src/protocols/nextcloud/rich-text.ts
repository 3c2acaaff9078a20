/** What a rich text names, as clients draw it. Values are texts: some clients read nothing else. */
export interface RichParameter {
  readonly type: "file" | "user" | "highlight";
  readonly id: string;
  readonly name: string;
  readonly path?: string;
  readonly link?: string;
}

/** A sentence with `{name}` where a parameter stands. */
export interface RichText {
  readonly template: string;
  readonly parameters: Readonly<Record<string, RichParameter>>;
}

/** The sentence for whoever draws no rich text. */
export function plainText({ template, parameters }: RichText): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => parameters[name]?.name ?? whole);
}
