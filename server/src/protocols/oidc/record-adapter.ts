import type { Adapter, AdapterPayload } from "oidc-provider";
import type { IdentityDeps } from "../../domain/identity/identity-deps.ts";
import {
  consumeOidcRecord,
  deleteOidcRecord,
  deleteOidcRecordsOfGrant,
  findOidcRecord,
  findOidcRecordBy,
  type OidcRecord,
  saveOidcRecord,
} from "../../domain/identity/oidc-records.ts";
import { mailProgramClientId } from "./clients.ts";
import { errors } from "./load-oidc-provider.ts";
import { portalSession } from "./portal-session.ts";

/** Records that exist before anyone has signed in, and must outlive the sign-in of someone else on the same browser. */
const ofNobody = new Set(["Interaction", "PushedAuthorizationRequest", "ReplayDetection", "Client"]);

/** Keeps the provider's records in the database, each tied to the sign-in that it ends with. */
export function createRecordAdapter({ store }: Pick<IdentityDeps, "store">): (kind: string) => Adapter {
  const payloadOf = (record: OidcRecord | undefined) => record?.payload as AdapterPayload | undefined;
  return (kind) => ({
    async upsert(id, payload, expiresIn) {
      // What a mail program has belongs to its grant, and outlives the browser's sign-in.
      const isApart = ofNobody.has(kind) || payload.clientId === mailProgramClientId;
      const familyId = isApart ? undefined : portalSession.getStore()?.familyId;
      if (kind === "Session" && payload.accountId !== undefined && familyId === undefined) {
        // Signed out while the request ran: a session of someone without a sign-in must not come to be.
        throw new errors.SessionNotFound("the sign-in is over");
      }
      // What a client sends comes back here, such as its state. The database has no NUL in text.
      if (JSON.stringify(payload).includes("\\u0000")) throw new errors.InvalidRequest("a parameter holds a NUL");
      await saveOidcRecord(store, kind, id, { payload: { ...payload }, ttlSeconds: expiresIn, familyId });
    },
    async find(id) {
      const record = await findOidcRecord(store, kind, id);
      if (kind === "Session" && record?.familyId !== undefined) {
        if (record.familyId !== portalSession.getStore()?.familyId) return undefined;
      }
      return payloadOf(record);
    },
    async findByUid(uid) {
      return payloadOf(await findOidcRecordBy(store, kind, "uid", uid));
    },
    async findByUserCode(userCode) {
      return payloadOf(await findOidcRecordBy(store, kind, "user_code", userCode));
    },
    async consume(id) {
      // Two requests with one code: the provider has found both unused, and here only one is first.
      if (!(await consumeOidcRecord(store, kind, id))) throw new errors.InvalidGrant("already consumed");
    },
    async destroy(id) {
      await deleteOidcRecord(store, kind, id);
    },
    async revokeByGrantId(grantId) {
      await deleteOidcRecordsOfGrant(store, kind, grantId);
    },
  });
}
