const fieldName = /^[\x21-\x39\x3b-\x7e]{1,200}$/;

/** Fields that hold addresses: those that `address` looks at (RFC 5228 section 5.1). */
const addressFields = new Set([
  "from",
  "to",
  "cc",
  "bcc",
  "sender",
  "reply-to",
  "resent-from",
  "resent-to",
  "resent-cc",
  "resent-bcc",
  "resent-sender",
  "resent-reply-to",
  "return-path",
  "delivered-to",
  "x-original-to",
  "envelope-to",
  "errors-to",
  "disposition-notification-to",
  "return-receipt-to",
  "mail-followup-to",
  "mail-reply-to",
  "approved",
  "x-bouquet-recipient",
]);

/** @param name in any case */
export function isAddressField(name: string): boolean {
  return addressFields.has(name.toLowerCase());
}

export function isFieldName(text: string): boolean {
  return fieldName.test(text);
}
