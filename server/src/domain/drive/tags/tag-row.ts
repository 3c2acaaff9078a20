/** A word that an organization puts on its files. */
export interface Tag {
  readonly number: number;
  readonly name: string;
}
