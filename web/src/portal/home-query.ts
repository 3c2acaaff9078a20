import type { Home } from "@bouquet/contract/portal.ts";
import { queryOptions } from "@tanstack/react-query";
import { request } from "../api/http.ts";

/** `GET /api/home`, read again on hints of mail and files, and every two minutes for the state of the services. */
export const homeQuery = queryOptions({
  queryKey: ["home"],
  queryFn: () => request<Home>("/api/home"),
  meta: { areas: ["mail", "files"] },
  refetchInterval: 120_000,
});
