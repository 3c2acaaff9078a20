import { QueryClient } from "@tanstack/react-query";
import { ApiError, OfflineError } from "./http.ts";

/** One per page. Refusals are final; a server that does not answer is asked again, more and more slowly. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: "always",
        staleTime: 30_000,
        retry: (failures, error) =>
          failures < 3 && (error instanceof OfflineError || (error instanceof ApiError && error.status >= 502)),
        retryDelay: (attempt) => Math.min(1000 * 2 ** attempt, 8000),
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
}
