/** What sharing asks the mail to say: payloads of outbox rows that domain/mail consumes. */
export const shareMailTopic = "sharing.mail";

export type ShareMailOrder =
  /** The address of a link to whom it was made for. The token is sealed, as it is in the link's row. */
  | { readonly kind: "link"; readonly linkId: string }
  /** To its maker: it ends soon. */
  | { readonly kind: "link_ending"; readonly linkId: string };
