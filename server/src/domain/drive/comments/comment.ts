/** What somebody says of a file, to all who see it. */
export interface Comment {
  readonly number: number;
  readonly text: string;
  readonly createdAt: Date;
  readonly author: {
    readonly organizationId: string;
    readonly principalId: string;
    readonly uid: string;
    readonly displayName: string;
  };
}
