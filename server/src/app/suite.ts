import type { Config, PortName, ServiceHosts } from "../config/config.ts";
import type { Resolver } from "../domain/mail/resolver.ts";
import type { OnRoute } from "../net/http-router.ts";
import type { ListenPlace } from "../net/listen-error.ts";
import type { Tls } from "../net/tls.ts";
import type { OpenedDomain } from "../open-domain.ts";
import type { ServiceAppOptions } from "../protocols/web-api/create-service-app.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";

export interface SuiteOptions {
  readonly config: Config;
  readonly connectionString: string;
  /** 0 takes a free one. */
  readonly ports: Readonly<Record<PortName, number>>;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** For tests, which have no DNS. */
  readonly resolver?: Resolver;
  /** For tests that try every route. */
  readonly onRoute?: NonNullable<ServiceAppOptions["onRoute"]>;
  /** The same for what programs are served by path on any host name: `PROPFIND /remote.php/dav/files/*`. */
  readonly onClientRoute?: OnRoute;
}

/** One running copy of the program. */
export interface Suite {
  /** Those it really listens on. */
  readonly ports: Readonly<Partial<Record<PortName, number>>>;
  readonly origins: ServiceHosts;
  readonly domain: OpenedDomain;
  /** Reads the TLS certificate again; the one in use stays when the new one is wrong. @throws ListenError */
  reloadTls(): Promise<void>;
  /** Stops in order: nothing new, what is under way ends, and is cut after `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>;
}

export interface Part {
  /** Servers stop first, then jobs, then the ground they stand on. */
  stop(deadlineMs: number): Promise<void>;
}

export interface Ground {
  readonly tls: Tls;
  readonly place: (name: PortName) => ListenPlace;
  /** Filled with the ports that servers got. */
  readonly ports: Partial<Record<PortName, number>>;
}
