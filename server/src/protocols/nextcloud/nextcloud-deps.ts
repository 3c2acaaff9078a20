import type { DriveDeps } from "../../domain/drive/model.ts";
import type { IdentityDeps } from "../../domain/identity/identity-deps.ts";
import type { OnRoute } from "../../net/http-router.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { HttpAuthenticator } from "../shared/http-authentication.ts";
import type { ServiceSettings } from "../shared/service-settings.ts";

/** What the client API stands on. */
export interface NextcloudDeps extends DriveDeps, IdentityDeps {
  /** Of the drive. */
  readonly authenticator: HttpAuthenticator;
  readonly settings: ServiceSettings;
  /** Clients are told which names Windows cannot write; true when absent. */
  readonly declaresWindowsNames?: boolean | undefined;
  readonly log: Logger;
  readonly onRoute?: OnRoute | undefined;
}
