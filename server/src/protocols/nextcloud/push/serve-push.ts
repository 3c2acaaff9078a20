import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { watchRevoked } from "../../../domain/changes/watch-revoked.ts";
import { toDomainError } from "../../../domain/errors.ts";
import { authenticateClient, isAppPasswordValid } from "../../../domain/identity/authenticate-client.ts";
import type { HttpUpgrade } from "../../../net/http-server.ts";
import { holdConnection } from "../../shared/hold-connection.ts";
import { openTicket } from "../device-ticket.ts";
import type { NextcloudDeps } from "../nextcloud-deps.ts";
import type { SignedInDevice } from "../signed-in-device.ts";
import { createPersonHub, type PersonHub } from "./person-hub.ts";
import { preAuthPurpose } from "./pre-auth.ts";

export interface PushLimits {
  /** To send name and password. */
  readonly signInMs: number;
  readonly pingMs: number;
  readonly perPerson: number;
  /** Connections that have not signed in yet. */
  readonly waiting: number;
  /** Bytes that wait for a program that does not read. */
  readonly unread: number;
}

const usual: PushLimits = { signInMs: 15_000, pingMs: 30_000, perPerson: 64, waiting: 500, unread: 64 * 1024 };

/** Names and passwords are short; nothing else is sent to us. Bytes. */
const maxFrame = 4_096;
const pathOfPush = /^\/push\/ws\/?(?:\?|$)/;

/** Close codes (RFC 6455 section 7.4.1). */
const goingAway = 1001;
const policyViolation = 1008;

/**
 * `/push/ws`: tells programs at once that there is something to ask for, as Nextcloud's notify_push does. A program sends two texts,
 * its name and its app password, and is answered `authenticated`; from then on it gets `notify_file` (with the numbers of files when
 * it has said `listen notify_file_id`), `notify_activity` and `notify_notification`.
 */
export function servePush(deps: NextcloudDeps, closing: AbortSignal, limits: PushLimits = usual): HttpUpgrade {
  const server = new WebSocketServer({ noServer: true, maxPayload: maxFrame, perMessageDeflate: false });
  const hub = createPersonHub(deps);
  const connectionsOf = new Map<string, number>();
  let waiting = 0;

  const ping = setInterval(() => {
    for (const socket of server.clients) {
      if (!alive.has(socket)) socket.terminate();
      else {
        alive.delete(socket);
        socket.ping();
      }
    }
  }, limits.pingMs);
  ping.unref();
  closing.addEventListener(
    "abort",
    () => {
      clearInterval(ping);
      for (const socket of server.clients) {
        socket.close(goingAway);
        setTimeout(() => socket.terminate(), 500).unref();
      }
    },
    { once: true },
  );

  return {
    accepts: ({ url = "", headers }) => pathOfPush.test(url) && headers.upgrade?.toLowerCase() === "websocket",
    take(request, socket, head) {
      if (waiting >= limits.waiting || closing.aborted) {
        socket.end(
          "HTTP/1.1 503 Service Unavailable\r\nretry-after: 30\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
        );
        return;
      }
      waiting += 1;
      let isWaiting = true;
      const settle = (): void => {
        if (isWaiting) waiting -= 1;
        isWaiting = false;
      };
      socket.once("close", settle);
      server.handleUpgrade(request, socket, head, (opened) => {
        const remoteAddress = deps.settings.clientAddress(request);
        void serveSocket({ deps, hub, limits, connectionsOf, settle }, opened, remoteAddress);
      });
    },
  };
}

/** Those that have answered, or were opened, since the last ping. */
const alive = new WeakSet<WebSocket>();

interface Ground {
  readonly deps: NextcloudDeps;
  readonly hub: PersonHub;
  readonly limits: PushLimits;
  readonly connectionsOf: Map<string, number>;
  settle(): void;
}

async function serveSocket(ground: Ground, socket: WebSocket, remoteAddress: string): Promise<void> {
  const { deps, limits } = ground;
  const stops: (() => void)[] = [];
  let isClosed = false;
  alive.add(socket);
  socket.on("pong", () => alive.add(socket));
  socket.on("error", () => socket.terminate());
  socket.once("close", () => {
    isClosed = true;
    for (const stop of stops.splice(0)) stop();
  });
  const refuse = (text: string): void => {
    socket.send(text);
    socket.close(policyViolation);
    setTimeout(() => socket.terminate(), 2_000).unref();
  };
  const keep = (stop: () => void): void => {
    if (isClosed) stop();
    else stops.push(stop);
  };

  try {
    const credentials = await readCredentials(socket, limits.signInMs);
    if (!credentials) {
      if (!isClosed) refuse("Authentication timeout");
      return;
    }
    const signedIn = await signIn(deps, credentials, remoteAddress);
    ground.settle();
    if (isClosed) return;
    if (!signedIn) return refuse("err: Invalid credentials");
    const { viewer, device } = signedIn;
    const release = holdConnection(ground.connectionsOf, viewer.principalId, limits.perPerson);
    if (!release) return refuse("err: Too many connections");
    keep(release);

    let wantsIds = false;
    socket.on("message", (data: RawData, isBinary: boolean) => {
      if (!isBinary && String(data) === "listen notify_file_id") wantsIds = true;
    });
    const send = (text: string): void => {
      if (socket.readyState !== socket.OPEN) return;
      // Whoever does not read asks again when it lives.
      if (socket.bufferedAmount > limits.unread) socket.terminate();
      else socket.send(text);
    };
    keep(
      watchRevoked(deps.store.hints, [device.id, viewer.principalId], () => {
        isAppPasswordValid(deps, device.organizationId, device.id).then(
          (isValid) => {
            if (!isValid) socket.close(policyViolation);
          },
          (error: unknown) => deps.log.warn({ error }, "a push connection could not be checked"),
        );
      }),
    );
    keep(
      await ground.hub.listen(viewer, {
        onFiles({ fileIds }) {
          send(wantsIds && fileIds ? `notify_file_id ${JSON.stringify(fileIds)}` : "notify_file");
          send("notify_activity");
        },
        onNotification: () => send("notify_notification"),
      }),
    );
    // Withdrawn while we got here.
    if (!(await isAppPasswordValid(deps, device.organizationId, device.id))) return refuse("err: Invalid credentials");
    send("authenticated");
  } catch (error) {
    ground.settle();
    const known = toDomainError(error);
    if (!known) deps.log.error({ error }, "a push connection failed");
    // Any other text than that of wrong credentials: the program tries again.
    if (!isClosed) refuse(known?.code === "throttled" ? "err: Too many attempts" : "err: Server unavailable");
  }
}

async function signIn(
  deps: NextcloudDeps,
  { login, secret }: Credentials,
  remoteAddress: string,
): Promise<SignedInDevice | undefined> {
  if (login === "") return openTicket(deps, preAuthPurpose, secret);
  try {
    const found = await authenticateClient(deps, { login, secret, scope: "dav", remoteAddress });
    const { organizationId } = found.viewer;
    return { viewer: found.viewer, device: { organizationId, id: found.appPasswordId, name: found.appPasswordName } };
  } catch (error) {
    if (toDomainError(error)?.code === "wrong_credentials") return undefined;
    throw error;
  }
}

interface Credentials {
  readonly login: string;
  readonly secret: string;
}

/** The first two texts. @returns undefined when they do not come in time, or the connection ends */
function readCredentials(socket: WebSocket, milliseconds: number): Promise<Credentials | undefined> {
  const { promise, resolve } = Promise.withResolvers<Credentials | undefined>();
  const texts: string[] = [];
  const onMessage = (data: RawData, isBinary: boolean): void => {
    texts.push(String(data));
    if (isBinary) finish(undefined);
    else if (texts.length === 2) finish({ login: texts[0]!, secret: texts[1]! });
  };
  const onClose = (): void => finish(undefined);
  const timer = setTimeout(() => finish(undefined), milliseconds);
  function finish(found: Credentials | undefined): void {
    clearTimeout(timer);
    socket.off("message", onMessage).off("close", onClose);
    resolve(found);
  }
  socket.on("message", onMessage).on("close", onClose);
  return promise;
}
