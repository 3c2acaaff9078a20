import type { HttpHandler } from "../../net/http-router.ts";
import { sendJson } from "./send-json.ts";

/**
 * The release of Nextcloud whose client API this is: clients turn away what is too old for them, and read from it which calls
 * there are. The fourth number is that of `status.php` alone.
 */
export const apiVersion = { major: 31, minor: 0, micro: 2, string: "31.0.2", full: "31.0.2.1" } as const;

/** `/status.php`: what every client asks first, of anybody. */
export const serveStatus: HttpHandler = (request, response) => {
  sendJson(request, response, 200, {
    installed: true,
    maintenance: false,
    needsDbUpgrade: false,
    version: apiVersion.full,
    versionstring: apiVersion.string,
    edition: "",
    // Clients compare it: the mobile apps add accounts of nothing else.
    productname: "Nextcloud",
    extendedSupport: false,
  });
};
