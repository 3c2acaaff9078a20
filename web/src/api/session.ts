import type { Operator, Session, SignOutResponse } from "@bouquet/contract/session.ts";
import { useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { ApiError, request, setCsrfToken } from "./http.ts";

export const sessionKey = ["session"] as const;

async function readSession(): Promise<Session | null> {
  try {
    const session = await request<Session>("/api/session", { mayBeSignedOut: true });
    setCsrfToken(session.csrf);
    return session;
  } catch (error) {
    if (error instanceof ApiError && error.code === "unauthenticated") return null;
    throw error;
  }
}

/** The session of this host; `null` data means signed out. */
export function useSessionQuery() {
  return useQuery({
    queryKey: sessionKey,
    queryFn: readSession,
    staleTime: 300_000,
    // Says at once that the service is down, and comes back by itself.
    retry: false,
    refetchInterval: ({ state }) => (state.status === "error" ? 8000 : false),
  });
}

/** Name, support contact and services: answers even while the database is down. */
export function useOperator() {
  return useQuery({
    queryKey: ["operator"],
    queryFn: () => request<Operator>("/api/operator", { mayBeSignedOut: true }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export const SessionContext = createContext<Session | null>(null);

/** The signed-in person and the services. Only under `SignedIn`. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession is used outside of SignedIn");
  return session;
}

/** Ends this sign-in on every service and goes to the portal's sign-in page. */
export async function signOut(): Promise<void> {
  const { redirect } = await request<SignOutResponse>("/api/sign-out", { method: "POST" });
  setCsrfToken(null);
  window.location.assign(redirect);
}
