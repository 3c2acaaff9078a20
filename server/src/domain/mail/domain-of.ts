/** The domain of an address, in lower case. @param address in ASCII or not; empty for a notification, which has none */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1).toLowerCase();
}
