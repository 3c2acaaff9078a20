import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import { useSession } from "../api/session.ts";
import { identitiesQuery, useJmap } from "./jmap/accounts.ts";

/** Addresses that the person reads or may send as, in lower case. */
export function useOwnAddresses(): ReadonlySet<string> {
  const { accounts } = useJmap();
  const { person } = useSession();
  const found = useQueries({
    queries: accounts.map((account) => identitiesQuery(account.id)),
    combine: (results) => results.flatMap(({ data }) => (data ?? []).map((identity) => identity.email)).join("\n"),
  });
  return useMemo(
    () => new Set([person.address, ...found.split("\n")].filter(Boolean).map((address) => address.toLowerCase())),
    [person.address, found],
  );
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1).toLowerCase();
}
