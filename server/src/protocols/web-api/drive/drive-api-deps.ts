import type { DriveDeps } from "../../../domain/drive/model.ts";
import type { Previews } from "../../../domain/drive/previews/open-previews.ts";
import type { SharingDeps } from "../../../domain/sharing/model.ts";

export type DriveApiDeps = DriveDeps & SharingDeps & { readonly previews: Previews };
