import { replaceAppPassword, revokeAppPassword } from "../../domain/identity/app-passwords.ts";
import type { NextcloudDeps } from "./nextcloud-deps.ts";
import { OcsError, type OcsRoute } from "./ocs/ocs-route.ts";

/** `/core/getapppassword` and what a program does with the app password that it came with. */
export function appPasswordRoutes(deps: NextcloudDeps): OcsRoute[] {
  return [
    {
      // The password of an account opens nothing here, so whoever asks has an app password: clients know this answer and keep theirs.
      method: "GET",
      path: "/core/getapppassword",
      handle: () => {
        throw new OcsError(403, "You cannot request an new apppassword with an apppassword");
      },
    },
    {
      method: "DELETE",
      path: "/core/apppassword",
      handle: async ({ viewer, device }) => {
        await revokeAppPassword(deps, viewer, device.id);
        return {};
      },
    },
    {
      method: "POST",
      path: "/core/apppassword/rotate",
      handle: async ({ viewer, device }) => ({
        data: { apppassword: await replaceAppPassword(deps, viewer, device.id) },
      }),
    },
  ];
}
