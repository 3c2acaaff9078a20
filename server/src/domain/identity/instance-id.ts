import type { ServerSecrets } from "./server-secrets.ts";

const ids = new WeakMap<ServerSecrets, string>();

/** What the client API puts behind the number of a file: the same for ever, and another one in another installation. */
export function instanceId(secrets: ServerSecrets): string {
  const known = ids.get(secrets);
  if (known !== undefined) return known;
  const number = secrets.hashToken("instance-id", "").readBigUInt64BE();
  const id = `oc${number.toString(36).padStart(10, "0").slice(-10)}`;
  ids.set(secrets, id);
  return id;
}
