import type { IncomingMessage, ServerResponse } from "node:http";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { Logger } from "../../telemetry/logger.ts";
import type { HttpAuthenticator } from "./http-authentication.ts";
import type { ServiceName, ServiceSettings } from "./service-settings.ts";
import type { WebPages } from "./web-pages.ts";

/** A Fastify instance whose schemas are TypeBox. */
export type ServiceApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** What a plugin may use of the service that it is registered on. */
export interface ServiceContext {
  readonly service: ServiceName;
  readonly settings: ServiceSettings;
  readonly pages: WebPages;
  readonly authenticator: HttpAuthenticator;
  readonly log: Logger;
  /** Aborted when the server stops: streams without end must end then. */
  readonly closing: AbortSignal;
}

export type ServicePlugin = (app: ServiceApp, context: ServiceContext) => void | Promise<void>;
