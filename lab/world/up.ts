/** `lab up`: whatever is missing of the lab is made, whatever is there is left alone. */
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

import { problemsOf } from "./health";
import { bootHost, initOf, onHostMust, type Bind } from "./host";
import { placeFault } from "./faults";
import { placeClusterFiles, placeHostFiles } from "./host-files";
import { ensureImages, TEMPLATE_FILE, type Images, type Progress } from "./images";
import { locked } from "./lock";
import { wire } from "./network";
import { packageSocketFolder, startPackages } from "./packages";
import { claimPlace, labLock, logsOf, storageFolder, type Place } from "./place";
import { poweredHosts } from "./powered";
import { unpacked } from "./rootfs";
import { serverAnswers, startServer } from "./server-process";
import { startServices } from "./services";
import { nodeBinds } from "./storage";
import { storedFaults } from "./stored-faults";
import { ensureTls } from "./tls";
import { hostsOf, nodesOf, PACKAGE_SOCKET_FOLDER, type HostSpec } from "./topology";
import { applyQuorum } from "./watch";
import { allowWatches } from "./watches";

/** Brings the lab up, or repairs it; resolves with true when there was anything to do. */
export async function up(place: Place, progress: Progress): Promise<boolean> {
  if (process.getuid?.() !== 0) {
    throw new Error("lab up makes namespaces and mounts, which only root may: run it as root.");
  }
  return locked(labLock(place), async () => {
    claimPlace(place);
    allowWatches(progress);
    const problems = await problemsOf(place);
    if (problems.length === 0) return false;
    const down = poweredHosts(place).filter(({ name }) => initOf(place, name) === undefined);
    if (down.length < hostsOf(place).length)
      for (const problem of problems) progress(`Repair: ${problem}`);
    const images = await imagesOf(place, progress);
    placeClusterFiles(place);
    await Promise.all([
      startPackages(place, images.host),
      ...down.map((host) => boot(place, host, images)),
    ]);
    await wire(place);
    await Promise.all([startServices(place), ensureTls(place), warm(place, progress)]);
    // Another lab that ended meanwhile may have ended the cache that both use.
    await startPackages(place, images.host);
    if (!(await serverAnswers(place))) await startServer(place);
    for (const fault of storedFaults(place)) await placeFault(place, fault);
    await applyQuorum(place);
    for (const { name, role } of down) if (role === "node") await startGuests(place, name);
    return true;
  });
}

/** What a node does last at boot: its guests with `onboot`, in a task of the API (startall). */
async function startGuests(place: Place, node: string): Promise<void> {
  await onHostMust(place, node, ["lab-startall"]);
}

/** The images that the lab was made with; a living lab keeps them when recipes change. */
async function imagesOf(place: Place, progress: Progress): Promise<Images> {
  const file = path.join(place.folder, "images");
  if (existsSync(file)) {
    const [host = "", template = ""] = readFileSync(file, "utf8").split("\n");
    if (existsSync(host) && existsSync(template)) return { host, template };
  }
  const images = await ensureImages(place, progress);
  writeFileSync(file, `${images.host}\n${images.template}\n`);
  return images;
}

async function boot(place: Place, host: HostSpec, images: Images): Promise<void> {
  placeHostFiles(place, host);
  if (host.role === "node") placeTemplate(place, host.name, images.template);
  await bootHost(place, host.name, images.host, bindsOf(place, host));
}

function bindsOf(place: Place, { name, role }: HostSpec): readonly Bind[] {
  const logs = { source: path.join(logsOf(place), name), target: "/var/log/lab" };
  if (role === "node") return nodeBinds(place, name);
  if (role !== "outside") return [logs];
  return [logs, { source: packageSocketFolder(place), target: PACKAGE_SOCKET_FOLDER }];
}

function placeTemplate(place: Place, node: string, template: string): void {
  const folder = path.join(storageFolder(place, node), "local", "template", "cache");
  const target = path.join(folder, TEMPLATE_FILE);
  if (existsSync(target)) return;
  mkdirSync(folder, { recursive: true });
  mkdirSync(path.join(storageFolder(place, node), "local-lvm"), { recursive: true });
  try {
    linkSync(template, target);
  } catch {
    copyFileSync(template, target); // the cache is on another file system
  }
}

/** Unpacks the template now, so that the first container does not have to wait for it. */
async function warm(place: Place, progress: Progress): Promise<void> {
  for (const { name } of nodesOf(place)) {
    if (initOf(place, name) === undefined) continue;
    await unpacked(place, name, {
      template: `local:vztmpl/${TEMPLATE_FILE}`,
      unprivileged: true,
      onUnpack: () => {
        progress("Unpacking the template (about 2 s, once)");
      },
    });
  }
}
