/** What faults make of requests to the API. */
import type { Server, Socket } from "node:net";

import type { RequestTarget } from "../server/request";
import { delayed, refusal, type Faults } from "./faults";

/** Thrown in place of an answer: the connection is to be reset. */
export class ConnectionReset extends Error {}

/** Carries a request out, unless a fault has it otherwise. */
export async function withFaults<T>(
  faults: Faults,
  { method, segments }: Pick<RequestTarget, "method" | "segments">,
  operation: () => Promise<T>,
): Promise<T> {
  const fault = faults.meet("request", `${method} /${segments.join("/")}`);
  await delayed(fault, "delay");
  const refused = refusal(fault);
  if (refused !== undefined) throw refused;
  if (fault?.effect === "reset") throw new ConnectionReset();
  if (fault?.effect !== "lose") return operation();
  await Promise.allSettled([operation()]);
  throw new ConnectionReset();
}

/** TCP connections by the client's port: TLS hides them, and only they can be reset. */
export class Connections {
  private readonly sockets = new Map<number, Socket>();

  watch(server: Server, isOn: () => boolean): void {
    server.on("connection", (socket) => {
      if (!isOn()) {
        // A local socket knows no reset.
        if (socket.remotePort === undefined) socket.destroy();
        else socket.resetAndDestroy();
        return;
      }
      const port = socket.remotePort;
      if (port === undefined) return;
      this.sockets.set(port, socket);
      socket.once("close", () => this.sockets.delete(port));
    });
  }

  /** Resets the connection that a request came over, in TCP's sense where it is TCP. */
  reset(request: Socket): void {
    const tcp = this.sockets.get(request.remotePort ?? 0);
    if (tcp === undefined) request.destroy();
    else tcp.resetAndDestroy();
  }
}
