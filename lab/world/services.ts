/** The hosts' daemons: are they listening, and if not, start them. */
import { readFileSync } from "node:fs";

import { initOf, needInit, onHostMust } from "./host";
import { logsOf, type Place } from "./place";
import { poweredHosts } from "./powered";
import type { HostSpec, Service } from "./topology";
import { waitFor } from "./wait";

/** A socket's state in /proc/net: 0A listens; 07 is a datagram socket without a peer. */
const LISTENING: Readonly<Record<Service["protocol"], string>> = { tcp: "0A", udp: "07" };

/** True when something in a process's network namespace listens on the port. */
export function isListening(
  pid: number,
  { protocol, port }: Pick<Service, "protocol" | "port">,
): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return ["", "6"].some((family) =>
    readFileSync(`/proc/${pid}/net/${protocol}${family}`, "utf8")
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .some(([, local, , state]) => local?.endsWith(`:${hex}`) && state === LISTENING[protocol]),
  );
}

/** File on a host with the id of the process group that a daemon leads. */
export const pidFileOf = ({ name }: Service): string => `/run/lab-${name}.pid`;

/** Services of a host that do not serve; all of them when the host is down. */
export function deadServices(place: Place, { name, services }: HostSpec): readonly Service[] {
  const init = initOf(place, name);
  return services.filter((service) => init === undefined || !isListening(init, service));
}

/** Starts every daemon of every host that is not serving, and waits until all serve. */
export async function startServices(place: Place): Promise<void> {
  await Promise.all(
    poweredHosts(place).flatMap((host) =>
      deadServices(place, host).map((service) => startService(place, host.name, service)),
    ),
  );
}

async function startService(place: Place, host: string, service: Service): Promise<void> {
  const log = `/var/log/lab/${service.name}.log`;
  const script = 'echo $$ >"$1"; shift; exec "$@" >>"$0" 2>&1 </dev/null';
  const start = ["setsid", "--fork", "sh", "-c", script, log, pidFileOf(service)];
  await onHostMust(place, host, [...start, ...service.command]);
  const what = `${service.name} on host ${host} to listen on ${service.protocol} port ${service.port}`;
  await waitFor(`${what} (log: ${logsOf(place)}/${host}/${service.name}.log)`, 10_000, () =>
    isListening(needInit(place, host), service),
  );
}
