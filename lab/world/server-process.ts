/** The lab's server as a separate process: starts it, finds it, checks whether it answers. */
import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import path from "node:path";

import { apiPort, forwardsOf, sshPort } from "./forwards";
import { initOf, markedEnvironment } from "./host";
import { LAB_FOLDER, logsOf, type Place } from "./place";
import { LAB_MARK, markOf, signal } from "./processes";
import { isListening } from "./services";
import { nodesOf } from "./topology";
import { waitFor } from "./wait";

const pidFile = (place: Place): string => path.join(place.folder, "server.pid");

/** Log of the lab's server. */
export const serverLog = (place: Place): string => path.join(logsOf(place), "server.log");

/** Process id of the server, or undefined when it is not running. */
export function serverPid(place: Place): number | undefined {
  if (!existsSync(pidFile(place))) return undefined;
  const pid = Number(readFileSync(pidFile(place), "utf8"));
  return markOf(pid, LAB_MARK) === place.folder ? pid : undefined;
}

/** The server's process id; throws, with the remedy, when it does not run. */
export function needServer(place: Place): number {
  const pid = serverPid(place);
  if (pid !== undefined) return pid;
  throw new Error(`The server of lab ${place.name} is down: run lab up --name ${place.name}.`);
}

/** True when every running node's API answers and the first one's SSH is forwarded. */
export async function serverAnswers(place: Place): Promise<boolean> {
  if (serverPid(place) === undefined) return false;
  for (const node of nodesOf(place)) {
    // Nobody answers for a node that is off.
    if (initOf(place, node.name) === undefined) continue;
    if (!(await apiAnswers(apiPort(place, node)))) return false;
  }
  return isOpen(sshPort(place));
}

function apiAnswers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request(
      // Any answer will do; who answers is settled by the process id.
      {
        host: "127.0.0.1",
        port,
        path: "/api2/json/version",
        rejectUnauthorized: false,
        timeout: 2000,
      },
      (response) => {
        response.resume();
        resolve(true);
      },
    );
    call.once("timeout", () => call.destroy());
    call.once("error", () => {
      resolve(false);
    });
    call.end();
  });
}

/** Without a connection, which a fault may wait for. */
const isOpen = (port: number): boolean => isListening(process.pid, { protocol: "tcp", port });

/** Starts the server, in place of one that does not answer; guests are not touched. */
export async function startServer(place: Place): Promise<void> {
  const old = serverPid(place);
  if (old !== undefined) signal(old, "SIGKILL");
  const apis = nodesOf(place).map((node) => apiPort(place, node));
  for (const port of [...apis, ...forwardsOf(place).map((forward) => forward.port)]) {
    const free = (): boolean => !isOpen(port);
    const what = `loopback port ${port} to be free (another lab or program has it: choose --port-base)`;
    await waitFor(what, old === undefined ? 0 : 5000, free);
  }
  const log = openSync(serverLog(place), "a");
  const tsx = path.join(LAB_FOLDER, "..", "node_modules", "tsx", "dist", "cli.mjs");
  const child = spawn(
    process.execPath,
    [
      ...["--import", `file://${path.join(path.dirname(tsx), "loader.mjs")}`],
      ...[path.join(LAB_FOLDER, "main.ts"), "serve", "--name", place.name],
      // Passed explicitly: LAB_PORT_BASE may be another lab's.
      ...["--port-base", String(place.portBase)],
    ],
    {
      cwd: path.join(LAB_FOLDER, ".."),
      detached: true,
      stdio: ["ignore", log, log],
      env: markedEnvironment(place),
    },
  );
  closeSync(log);
  child.unref();
  if (child.pid === undefined) throw new Error("The lab's server could not be started.");
  writeFileSync(pidFile(place), String(child.pid));
  await waitFor(`the lab's server to answer (log: ${serverLog(place)})`, 20_000, async () => {
    if (child.exitCode !== null) {
      const words = readFileSync(serverLog(place), "utf8").trim().split("\n").slice(-10).join("\n");
      throw new Error(`The lab's server ended with ${child.exitCode}:\n${words}`);
    }
    return serverAnswers(place);
  });
}
