import type { DriveDeps } from "../../../domain/drive/model.ts";
import type { SharingDeps } from "../../../domain/sharing/model.ts";

export type DriveApiDeps = DriveDeps & SharingDeps;
