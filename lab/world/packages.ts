/** The package cache that all labs share: one daemon, ended with the last lab. */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import path from "node:path";

import { locked } from "./lock";
import { killMarked, LAB_CACHE_MARK, markedProcesses } from "./processes";
import type { Place } from "./place";
import { waitFor } from "./wait";

/** Environment variable that marks the daemon with its folder. */
const PACKAGES_MARK = "PROXIMITY_LAN_PACKAGES";

/** Folder of the cache: `cache` the packages, `run` the socket, `log` its logs. */
const packagesFolder = (place: Place): string => path.join(place.cache, "packages");

/** Folder of the daemon's socket; it appears on each lab's outside host. */
export const packageSocketFolder = (place: Place): string =>
  path.join(packagesFolder(place), "run");

const lockFile = (place: Place): string => path.join(packagesFolder(place), "lock");

/** True when the daemon answers HTTP on its socket. */
export function packagesAnswer(place: Place): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(path.join(packageSocketFolder(place), "socket"));
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2000, () => {
      end(false);
    });
    socket.once("error", () => {
      end(false);
    });
    socket.once("close", () => {
      end(false);
    });
    socket.once("data", (data) => {
      end(data.toString("latin1").startsWith("HTTP/"));
    });
    // Any answer will do; a path without a host asks no mirror.
    socket.write("GET / HTTP/1.0\r\n\r\n");
  });
}

/** Starts the daemon unless it answers. */
export async function startPackages(place: Place, image: string): Promise<void> {
  if (await packagesAnswer(place)) return;
  await locked(lockFile(place), async () => {
    if (await packagesAnswer(place)) return;
    const folder = packagesFolder(place);
    await killMarked(PACKAGES_MARK, folder);
    mkdirSync(path.join(folder, "log"), { recursive: true });
    const logFile = path.join(folder, "log", "daemon.log");
    const log = openSync(logFile, "a");
    const script = path.join(__dirname, "boot", "packages.sh");
    const namespaces = ["--mount", "--pid", "--fork", "--kill-child"];
    const port = String(await freePort());
    const child = spawn("unshare", [...namespaces, script, image, folder, port], {
      cwd: "/",
      detached: true,
      stdio: ["ignore", log, log],
      env: { ...process.env, [PACKAGES_MARK]: folder },
    });
    closeSync(log);
    child.unref();
    await waitFor(`the package cache to answer (log: ${logFile})`, 15_000, () =>
      packagesAnswer(place),
    );
  });
}

/** Ends the daemon when no lab with this cache is left. */
export async function stopPackagesWithLastLab(place: Place): Promise<void> {
  const mayStop = (): boolean => markedProcesses(LAB_CACHE_MARK, place.cache).length === 0;
  if (!mayStop()) return;
  await locked(lockFile(place), async () => {
    if (mayStop()) await killMarked(PACKAGES_MARK, packagesFolder(place));
  });
}

/** apt-cacher-ng 3.7 takes no port above 32767 ("Error resolving address for binding"). */
const PORTS = { first: 20_000, count: 10_000 };

async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = PORTS.first + Math.floor(Math.random() * PORTS.count);
    if (await isFree(port)) return port;
  }
  throw new Error("No free port from 20000 to 29999 on loopback for the package cache.");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => {
      resolve(false);
    });
    server.listen(port, "127.0.0.1", () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
