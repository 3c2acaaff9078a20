import type { IncomingMessage } from "node:http";

export type ServiceName = "portal" | "mail" | "drive";

/** What the HTTP side of a service needs of the configuration. */
export interface ServiceSettings {
  /** Origins without a trailing slash: `http://mail.localhost:8080`. */
  readonly origins: Readonly<Record<ServiceName, string>>;
  readonly operator: {
    readonly name: string | undefined;
    /** Absolute path of an SVG or PNG file. */
    readonly logo: string | undefined;
  };
  readonly support: {
    readonly phone: string | undefined;
    readonly hours: string | undefined;
    readonly email: string | undefined;
    readonly url: string | undefined;
  };
  readonly language: "fr" | "en";
  /** Shown as a hint under the sign-in field. */
  readonly loginExample: string;
  /** Directory of the built web app. */
  readonly webDirectory: string;
  /** See net/client-address.ts. */
  readonly clientAddress: (request: IncomingMessage) => string;
}

/** Cookies carry `Secure` and the `__Host-` prefix when people come over https. */
export function isSecure(settings: Pick<ServiceSettings, "origins">): boolean {
  return settings.origins.portal.startsWith("https:");
}
