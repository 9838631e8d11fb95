/** What ordered faults do to the lab's hosts and guests. */
import { renameSync, writeFileSync } from "node:fs";

import type { Fault } from "../fault/fault";
import { Faults } from "../fault/faults";
import { initOf, onHostMust } from "./host";
import type { Place } from "./place";
import { signal } from "./processes";
import { pidFileOf } from "./services";
import { faultsFile, storedFaults } from "./stored-faults";
import { ballast } from "./rootfs";
import { findHost, type Service } from "./topology";
import { storageName } from "./volume-path";
import { waitFor } from "./wait";

/** The faults of a lab's server: written down, so that they outlive it and `lab up` knows them. */
export function worldFaults(place: Place): Faults {
  return new Faults(storedFaults(place), {
    changed: (faults) => {
      writeFileSync(`${faultsFile(place)}.new`, JSON.stringify(faults));
      renameSync(`${faultsFile(place)}.new`, faultsFile(place));
    },
    place: (fault) => placeFault(place, fault),
    remove: (fault) => removeFault(place, fault),
  });
}

/** Puts a standing fault in place, again after a boot; one that is there stays as it is. */
export async function placeFault(place: Place, { id, kind, target }: Fault): Promise<void> {
  if (kind === "host") return powerOff(place, findHost(place, target).name);
  if (kind === "disk") return ballast(place, vmidOf(target), "fill");
  if (kind === "storage") {
    assertStorage(place, target);
    return;
  }
  if (kind === "service") {
    const { host, service } = findService(place, target);
    return initOf(place, host) === undefined ? undefined : kill(place, host, service);
  }
  if (kind !== "port") return;
  const { host, protocol, port } = parsePort(place, target);
  if (initOf(place, host) === undefined) return;
  const table = tableOf(id);
  const rules = `table inet ${table}
delete table inet ${table}
table inet ${table} {
  chain input {
    type filter hook input priority -300;
    ${protocol} dport ${port} drop
  }
}
`;
  await onHostMust(place, host, ["nft", "-f", "-"], { input: rules });
}

/** Takes a standing fault away; what is to run or boot again is left to `lab up`. */
async function removeFault(place: Place, { id, kind, target }: Fault): Promise<void> {
  if (kind === "disk") return ballast(place, vmidOf(target), "free");
  if (kind !== "port") return;
  const { host } = parsePort(place, target);
  if (initOf(place, host) === undefined) return;
  await onHostMust(place, host, ["nft", "-f", "-"], {
    input: `table inet ${tableOf(id)}\ndelete table inet ${tableOf(id)}\n`,
  });
}

const tableOf = (id: number): string => `lab_fault_${id}`;

async function powerOff(place: Place, host: string): Promise<void> {
  const init = initOf(place, host);
  if (init === undefined) return;
  signal(init, "SIGKILL");
  await waitFor(`host ${host} to be off`, 10_000, () => initOf(place, host) === undefined);
}

async function kill(place: Place, host: string, service: Service): Promise<void> {
  // The group: socat's children, but no shell that a user has on the host.
  const script = 'if [ -e "$0" ]; then kill -s KILL -- "-$(cat "$0")"; rm "$0"; fi';
  await onHostMust(place, host, ["sh", "-euc", script, pidFileOf(service)]);
}

function findService(place: Place, target: string): { host: string; service: Service } {
  const [host = "", name = ""] = target.split("/");
  const { services } = findHost(place, host);
  const service = services.find((candidate) => candidate.name === name);
  if (service !== undefined) return { host, service };
  const known = services.map((candidate) => candidate.name).join(", ");
  throw new Error(`Host ${host} has no daemon '${name}': ${known}.`);
}

function parsePort(place: Place, target: string): { host: string; protocol: string; port: string } {
  const [, host = "", protocol = "", port = ""] = /^([^/]+)\/(tcp|udp):(\d+)$/.exec(target) ?? [];
  if (host === "") throw new Error(`${target}: a port is HOST/tcp:PORT or HOST/udp:PORT.`);
  findHost(place, host);
  return { host, protocol, port };
}

function assertStorage(place: Place, target: string): void {
  const [node = "", name = ""] = target.split("/");
  findHost(place, node);
  storageName(name);
}

function vmidOf(target: string): number {
  if (/^[1-9]\d{2,8}$/.test(target)) return Number(target);
  throw new Error(`${target}: a disk is named by its guest's VMID, such as 100.`);
}
