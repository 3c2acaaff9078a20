import type { ServiceApp, ServicePlugin } from "../../shared/service-app.ts";
import { registerContent } from "./content.ts";
import type { DriveApiDeps } from "./drive-api-deps.ts";
import { registerFolders } from "./folders.ts";
import { registerLinks } from "./links.ts";
import { registerNodes } from "./nodes.ts";
import { registerPauses } from "./pauses.ts";
import { registerPreview } from "./preview.ts";
import { registerRollbacks } from "./rollbacks.ts";
import { registerShares } from "./shares.ts";
import { registerTrash } from "./trash.ts";
import { registerUpload } from "./upload.ts";

/** The JSON API of the drive, and its bytes: contract/src/drive.ts. For the service app of the drive host. */
export function driveApi(deps: DriveApiDeps): ServicePlugin {
  return async (app, context) => {
    registerFolders(app, deps);
    registerNodes(app, context, deps);
    registerTrash(app, deps);
    registerRollbacks(app, deps);
    registerPauses(app, deps);
    registerLinks(app, context, deps);
    registerShares(app, context, deps);
    registerContent(app, deps);
    registerPreview(app, deps);
    // A scope of its own: its bodies are files of any type, and are not parsed.
    await app.register(async (scope) => registerUpload(scope as ServiceApp, context, deps));
  };
}
