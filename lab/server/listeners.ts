/** The HTTP servers of a lab, on loopback ports and local sockets. */
import { rm } from "node:fs/promises";
import type { Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { ListenOptions, Server } from "node:net";
import path from "node:path";

/** Servers that listen, and are closed together. */
export class Listeners {
  private readonly servers: (HttpServer | HttpsServer)[] = [];
  private readonly sockets: string[] = [];

  /** Lets a server listen on a loopback port (0 for a free one) or a local socket; resolves with the port. */
  async add(server: HttpServer | HttpsServer, where: number | string): Promise<number> {
    this.servers.push(server);
    if (typeof where === "number") return listening(server, { port: where, host: "127.0.0.1" });
    await rm(where, { force: true });
    this.sockets.push(path.resolve(where));
    return listening(server, { path: where });
  }

  /** Stops listening and removes the sockets. */
  async close(): Promise<void> {
    await Promise.all(this.servers.map(closed));
    await Promise.all(this.sockets.map((socket) => rm(socket, { force: true })));
  }
}

function listening(server: Server, where: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
    server.listen(where);
  });
}

function closed(server: HttpServer | HttpsServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    // Keep-alive connections of clients would hold the server open.
    server.closeAllConnections();
  });
}
