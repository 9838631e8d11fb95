/** The lab's server: one process per lab with the API, the nodes' local sockets and the forwards. */
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import path from "node:path";

import { FirewallDaemon } from "../firewall/daemon";
import { LxcBackend } from "../lxc-backend";
import { createLab } from "../server";
import { loadFirewall, logFirewall } from "./firewall";
import { apiPort, Forwarder } from "./forwards";
import { socketFolder, type Place } from "./place";
import { tlsFiles } from "./tls";

/** Runs the server until it is told to end; logs one line per request to stdout. */
export async function serve(place: Place): Promise<void> {
  const log = (line: string): void => {
    console.log(`${new Date().toISOString()} ${line}`);
  };
  const { key, cert } = tlsFiles(place);
  const backend = new LxcBackend(place);
  const tls = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  const lab = createLab({ backend, tls, log });
  const port = await lab.listenTls(apiPort(place));
  for (const node of backend.nodes) {
    await lab.listenUnix(path.join(socketFolder(place, node), "api.sock"), node);
    await relay(path.join(socketFolder(place, node), "tls.sock"), port);
  }
  const forwarder = new Forwarder(place, log);
  await forwarder.update();
  process.on("SIGHUP", () => {
    forwarder.update().catch((error: unknown) => {
      log(String(error));
    });
  });
  new FirewallDaemon({
    backend,
    load: (node, ruleset, digest) => loadFirewall(place, node, ruleset, digest),
    log: (node, line) => {
      logFirewall(place, node, line);
    },
  }).start();
  log(`API on https://127.0.0.1:${port}`);
}

/** A socket that leads to the API's loopback port, for the node's own port 8006. */
async function relay(socket: string, port: number): Promise<void> {
  await rm(socket, { force: true });
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    near.pipe(far).pipe(near);
    near.once("error", () => far.destroy());
    far.once("error", () => near.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socket, resolve);
  });
}
