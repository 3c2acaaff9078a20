/** A name with its namespace, as James Clark writes them: `{DAV:}getetag`. Without a namespace, `{}name`. */
export type XmlName = `{${string}}${string}`;

export const davNamespace = "DAV:";
export const sabreNamespace = "http://sabredav.org/ns";
export const ownCloudNamespace = "http://owncloud.org/ns";
export const nextcloudNamespace = "http://nextcloud.org/ns";
export const calDavNamespace = "urn:ietf:params:xml:ns:caldav";
export const cardDavNamespace = "urn:ietf:params:xml:ns:carddav";

/** The prefixes that every document of ours declares on its root. */
export const prefixes: ReadonlyMap<string, string> = new Map([
  [davNamespace, "d"],
  [sabreNamespace, "s"],
  [ownCloudNamespace, "oc"],
  [nextcloudNamespace, "nc"],
]);

export function dav(name: string): XmlName {
  return `{${davNamespace}}${name}`;
}

export function oc(name: string): XmlName {
  return `{${ownCloudNamespace}}${name}`;
}

export function nc(name: string): XmlName {
  return `{${nextcloudNamespace}}${name}`;
}

export function splitName(name: XmlName): { namespace: string; local: string } {
  const end = name.lastIndexOf("}");
  return { namespace: name.slice(1, end), local: name.slice(end + 1) };
}
