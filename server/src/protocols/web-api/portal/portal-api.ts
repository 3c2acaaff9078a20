import { ClientSettings, type MailEndpoint } from "@bouquet/contract/identity.ts";
import type { IdentityDeps } from "../../../domain/identity/identity-deps.ts";
import { requireViewer } from "../../shared/http-access.ts";
import type { ServicePlugin } from "../../shared/service-app.ts";
import { registerAppPasswords } from "../identity/app-passwords.ts";
import { registerDeviceLogins } from "../identity/device-logins.ts";
import { registerPassword } from "../identity/password.ts";
import { registerPeople } from "../identity/people.ts";
import { registerProfile } from "../identity/profile.ts";
import { registerSessions } from "../identity/sessions.ts";
import { registerSignIn } from "../identity/sign-in.ts";
import { registerMailTrace } from "../mail/mail-trace.ts";
import { registerPausedSenders } from "../mail/paused-senders.ts";
import { registerHome } from "./home.ts";

/** What people type into their programs. Best choice first. */
export interface ClientEndpoints {
  readonly imap: readonly MailEndpoint[];
  readonly pop3: readonly MailEndpoint[];
  readonly smtp: readonly MailEndpoint[];
  readonly sieve: readonly MailEndpoint[];
  readonly davUrl: string | undefined;
}

/** The JSON API of the portal: sign-in, home, profile, security, people. */
export function portalApi(identity: IdentityDeps, endpoints: ClientEndpoints): ServicePlugin {
  return (app, context) => {
    registerSignIn(app, context, identity);
    registerHome(app, context, identity);
    registerProfile(app, identity);
    registerPassword(app, context, identity);
    registerSessions(app, identity);
    registerAppPasswords(app, identity);
    registerDeviceLogins(app, context, identity);
    registerPeople(app, context, identity);
    registerMailTrace(app, identity);
    registerPausedSenders(app, identity);
    app.get("/api/client-settings", { schema: { response: { 200: ClientSettings } } }, (request) => {
      const viewer = requireViewer(request);
      return {
        userName: viewer.address ?? viewer.uid,
        imap: [...endpoints.imap],
        pop3: [...endpoints.pop3],
        smtp: [...endpoints.smtp],
        sieve: [...endpoints.sieve],
        davUrl: endpoints.davUrl ?? null,
      };
    });
  };
}
