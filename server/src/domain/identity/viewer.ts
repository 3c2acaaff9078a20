/** Who asks: a signed-in person, or a client with one of their app passwords. */
export interface Viewer {
  readonly organizationId: string;
  readonly principalId: string;
  /** Immutable, not an address. */
  readonly uid: string;
  readonly displayName: string;
  /** The primary address, lowercased. */
  readonly address: string | undefined;
  readonly roles: ReadonlySet<Role>;
  readonly language: "fr" | "en";
}

export type Role = "member_administrator" | "operator";
