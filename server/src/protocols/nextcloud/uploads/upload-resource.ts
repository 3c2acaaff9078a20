import type { DavResource } from "../../dav/dav-tree.ts";

export interface UploadResource extends DavResource {
  readonly kind: "home" | "session" | "whole" | "chunk";
  readonly size: number;
}
