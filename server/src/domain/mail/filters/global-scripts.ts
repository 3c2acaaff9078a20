import type { Reader, Store } from "../../../store/database.ts";
import { DomainError } from "../../errors.ts";
import type { Viewer } from "../../identity/viewer.ts";
import { checkScript } from "./check-script.ts";
import { normalizeScriptName, scriptQuota } from "./sieve-script.ts";

/** Scripts of an organization, which those of its accounts may take in with `include :global` (RFC 6609). */
export async function listGlobalScripts(
  reader: Reader,
  organizationId: string,
): Promise<{ name: string; content: string }[]> {
  return reader
    .selectFrom("sieve_global_script")
    .select(["name", "content"])
    .where("organization_id", "=", organizationId)
    .orderBy("name")
    .execute();
}

/** Who changes them, and of which organization. */
export type GlobalScriptEditor = Pick<Viewer, "organizationId" | "roles">;

function requireAdministrator({ roles }: GlobalScriptEditor): void {
  if (!roles.has("member_administrator") && !roles.has("operator")) {
    throw new DomainError("forbidden", "Only an administrator changes what is for everybody");
  }
}

/** @throws DomainError `forbidden`, `invalid`, `too_large`, `over_quota` */
export async function putGlobalScript(
  { store }: { readonly store: Store },
  editor: GlobalScriptEditor,
  given: { name: string; content: string },
): Promise<void> {
  requireAdministrator(editor);
  const name = normalizeScriptName(given.name);
  checkScript(given.content);
  const known = await listGlobalScripts(store.read, editor.organizationId);
  if (known.filter((each) => each.name !== name).length >= scriptQuota.scripts) {
    throw new DomainError("over_quota", `At most ${scriptQuota.scripts} scripts are possible`);
  }
  const { content } = given;
  await store.transact((tx) =>
    tx
      .insertInto("sieve_global_script")
      .values({ organization_id: editor.organizationId, name, content })
      .onConflict((conflict) =>
        conflict.columns(["organization_id", "name"]).doUpdateSet({ content, changed_at: new Date() }),
      )
      .execute(),
  );
}

/** @throws DomainError `forbidden`, `not_found` */
export async function deleteGlobalScript(
  { store }: { readonly store: Store },
  editor: GlobalScriptEditor,
  name: string,
): Promise<void> {
  requireAdministrator(editor);
  const gone = await store.transact((tx) =>
    tx
      .deleteFrom("sieve_global_script")
      .where("organization_id", "=", editor.organizationId)
      .where("name", "=", name.normalize("NFC"))
      .executeTakeFirst(),
  );
  if (gone.numDeletedRows === 0n) throw new DomainError("not_found", "There is no such script");
}
