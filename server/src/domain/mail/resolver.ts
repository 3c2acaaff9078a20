/** What the domain asks DNS for. A name without such a record fails with `code` ENOTFOUND or ENODATA; anything else is temporary. */
export interface Resolver {
  resolve(name: string, type: "A" | "AAAA" | "PTR" | "CNAME"): Promise<string[]>;
  resolve(name: string, type: "TXT"): Promise<string[][]>;
  resolve(name: string, type: "MX"): Promise<{ exchange: string; priority: number }[]>;
}

export type RecordType = "A" | "AAAA" | "PTR" | "CNAME" | "TXT" | "MX";

/** Any record, for libraries that name the type at run time. */
export function resolveAny(resolver: Resolver, name: string, type: string): Promise<unknown[]> {
  return resolver.resolve(name, type as "A");
}
