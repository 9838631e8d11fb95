/** The lab's server: one process per lab with the API, the nodes' local sockets and the forwards. */
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";

import { faultServer } from "../fault/control";
import { FirewallDaemon } from "../firewall/daemon";
import { LxcBackend } from "../backend/lxc-backend";
import { createLab } from "../server/server";
import { worldFaults } from "./faults";
import { loadFirewall, logFirewall } from "./firewall";
import { controlSocket } from "./stored-faults";
import { apiPort, Forwarder } from "./forwards";
import { initOf } from "./host";
import { socketFolder, type Place } from "./place";
import { tlsFiles } from "./tls";
import { nodesOf } from "./topology";
import { watchWorld } from "./watch";

/** Runs the server until it is stopped; logs one line per request to stdout. */
export async function serve(place: Place): Promise<void> {
  const log = (line: string): void => {
    console.log(`${new Date().toISOString()} ${line}`);
  };
  const { key, cert } = tlsFiles(place);
  const backend = new LxcBackend(place);
  const tls = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  const faults = worldFaults(place);
  const lab = createLab({ backend, tls, log, faults, version: place.version });
  for (const node of nodesOf(place)) {
    const sockets = socketFolder(place, node.name);
    const isOn = (): boolean => initOf(place, node.name) !== undefined;
    await lab.listenTls(apiPort(place, node), isOn);
    await lab.listenTls(path.join(sockets, "tls.sock"), isOn);
    await lab.listenUnix(path.join(sockets, "api.sock"), node.name);
  }
  rmSync(controlSocket(place), { force: true });
  faultServer(faults).listen(controlSocket(place));
  const forwarder = new Forwarder(place, log, faults);
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
  watchWorld(place, log);
  log(`API on https://127.0.0.1:${apiPort(place)}`);
}
