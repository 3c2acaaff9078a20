import type { SharedNode } from "@bouquet/contract/sharing.ts";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import type { DriveDeps, DriveNode } from "../../domain/drive/model.ts";
import type { Previews } from "../../domain/drive/previews/open-previews.ts";
import type { SharingDeps } from "../../domain/sharing/model.ts";
import type { LinkContent, LinkVisit } from "../../domain/sharing/resolve-share-link.ts";
import { watchLink } from "../../domain/sharing/watch-link.ts";
import { readCookies } from "../shared/cookies.ts";
import type { ServiceSettings } from "../shared/service-settings.ts";

export type SharePageDeps = DriveDeps & SharingDeps & { readonly previews: Previews };

export const TokenParams = Type.Object({ token: Type.String() });
export const NodeParams = Type.Object({ token: Type.String(), id: Type.String() });

export const everybody = { config: { access: "public" } } as const;
/** Of another site, with its visitors' addresses, nothing is done. */
export const fromThePage = { config: { access: "own-origin" } } as const;

/** Holds the proof that the password was given. */
export const proofCookie = "bouquet-share";

/** Who holds a link, as a request says it. */
export function visitOf(request: FastifyRequest, settings: ServiceSettings, visitorName?: string): LinkVisit {
  return {
    token: (request.params as { token: string }).token,
    proof: readCookies(request.headers.cookie).get(proofCookie),
    visitorName,
    remoteAddress: settings.clientAddress(request.raw),
  };
}

/** Cuts an answer, or a body that is being read, when its link ends. */
export function cutWithLink(deps: SharingDeps, reply: FastifyReply, visit: LinkVisit, link: LinkContent): void {
  const stop = watchLink(deps, visit, link, () => reply.raw.destroy());
  reply.raw.once("close", stop);
}

export function toSharedNode(node: DriveNode): SharedNode {
  return {
    id: node.id,
    name: node.name,
    kind: node.kind,
    size: node.size,
    childCount: node.childCount,
    contentType: node.contentType,
    versionId: node.versionId,
    modifiedAt: node.modifiedAt.toISOString(),
  };
}
