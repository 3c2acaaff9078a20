import type { Id } from "@bouquet/contract/jmap.ts";
import type { SieveScript } from "@bouquet/contract/jmap-filters.ts";
import { type QueryClient, useQuery } from "@tanstack/react-query";
import { errorOf } from "../../../api/http.ts";
import { keys } from "../../jmap/account-cache.ts";
import { type Jmap, useJmap } from "../../jmap/accounts.ts";
import { call, downloadUrl, JmapError, requireAllSet, uploadBlob } from "../../jmap/client.ts";

const type = "application/sieve";

/** The scripts of an account, part of its filters: read again when those change. */
export function useScripts(accountId: Id) {
  return useQuery({
    queryKey: [...keys.filters(accountId), "scripts"],
    queryFn: async (): Promise<SieveScript[]> => (await call("SieveScript/get", { accountId, ids: null })).list,
    staleTime: 60_000,
  });
}

/** What a script says. */
export function useScriptText(accountId: Id, script: SieveScript | undefined) {
  const { session } = useJmap();
  const blobId = script?.blobId ?? null;
  return useQuery({
    queryKey: ["jmap", accountId, "script", blobId],
    enabled: blobId !== null,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async (): Promise<string> => {
      const url = downloadUrl(session, accountId, { blobId, type, name: "script.sieve" });
      const response = await fetch(url, { credentials: "same-origin" });
      if (!response.ok) throw await errorOf(response);
      return response.text();
    },
  });
}

/** What is wrong in a script, at lines counted from 1; 0 when no line is known. */
export interface ScriptFault {
  readonly line: number;
  readonly message: string;
}

/** Reads what the server says of a script that is wrong: one fault a line. */
export function readFaults(description: string): ScriptFault[] {
  return description.split("\n").flatMap((text) => {
    const found = /^line (\d+): (.*)$/.exec(text);
    if (found) return [{ line: Number(found[1]), message: found[2] ?? "" }];
    return text.trim() === "" ? [] : [{ line: 0, message: text }];
  });
}

function upload({ session }: Jmap, accountId: Id, text: string) {
  return uploadBlob(session, accountId, new Blob([text], { type }));
}

/** @returns what is wrong; nothing when the script is right. @throws JmapError, ApiError, OfflineError */
export async function checkScript(jmap: Jmap, accountId: Id, text: string): Promise<ScriptFault[]> {
  const { blobId } = await upload(jmap, accountId, text);
  const { error } = await call("SieveScript/validate", { accountId, blobId });
  if (!error) return [];
  if (error.type !== "invalidSieve") throw new JmapError(error);
  return readFaults(error.description ?? "");
}

/** @throws JmapError, `invalidSieve` among them; ApiError, OfflineError */
export async function saveScript(jmap: Jmap, accountId: Id, id: Id, text: string): Promise<void> {
  const { blobId } = await upload(jmap, accountId, text);
  requireAllSet(await call("SieveScript/set", { accountId, update: { [id]: { blobId } } }));
}

/** Makes a script the one that is applied. @throws JmapError, ApiError, OfflineError */
export async function activateScript(queries: QueryClient, accountId: Id, id: Id): Promise<void> {
  requireAllSet(await call("SieveScript/set", { accountId, onSuccessActivateScript: id }));
  await queries.invalidateQueries({ queryKey: keys.filters(accountId) });
}
