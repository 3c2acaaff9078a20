import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { createServer } from "node:net";

// Below the ports that the system gives to outgoing connections: one of those may be taken while a program that was stopped starts again.
const lowest = 10_000;
const highest = 32_000;

/** A TCP port of 127.0.0.1 for a process that is told its port, and cannot choose one. No other test gets it while this one runs. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest);
    if ((await claim(port)) && (await isFree(port))) return port;
  }
}

/** By a socket of another kind, at an address that nobody uses: it goes with the process that runs the test. */
function claim(port: number): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const socket = createSocket("udp4");
  socket.once("error", refuse(resolve, reject));
  socket.bind({ port, address: "127.0.0.2", exclusive: true }, () => {
    socket.unref();
    resolve(true);
  });
  return promise;
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once("error", refuse(resolve, reject));
  server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  return promise;
}

function refuse(resolve: (isFree: false) => void, reject: (error: Error) => void) {
  return (error: NodeJS.ErrnoException): void =>
    error.code === "EADDRINUSE" || error.code === "EACCES" ? resolve(false) : reject(error);
}
