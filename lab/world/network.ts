/** Cables between hosts, and the hosts' own network programs. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";

import { initOf, needInit, onHost, onHostMust } from "./host";
import type { Place } from "./place";
import { must } from "./run";
import { poweredCables, poweredHosts } from "./powered";
import type { Cable, CableEnd, HostSpec } from "./topology";

const isPlugged = (place: Place, { ends }: Cable): boolean =>
  ends.every(
    ({ host, port }) =>
      initOf(place, host) !== undefined &&
      existsSync(onHost(place, host, `/sys/class/net/${port}`)),
  );

/** Written on a host when its network program has succeeded; gone with its /run. */
const NETWORK_UP = "/run/lab-network";

const isNetworkUp = (place: Place, { name }: HostSpec): boolean =>
  initOf(place, name) !== undefined && existsSync(onHost(place, name, NETWORK_UP));

/** True when every cable is in place and every host has brought its network up. */
export const isWired = (place: Place): boolean =>
  poweredCables(place).every((cable) => isPlugged(place, cable)) &&
  poweredHosts(place).every((host) => isNetworkUp(place, host));

/**
 * Plugs in the cables that are missing (a host that died took its cables with it) and has the hosts at
 * their ends bring their network up. Both ends are made inside the lab's namespaces: no interface ever
 * exists on the machine itself.
 */
export async function wire(place: Place): Promise<void> {
  const touched = new Set<string>();
  for (const cable of poweredCables(place)) {
    if (isPlugged(place, cable)) continue;
    const [a, b] = cable.ends;
    // Without the pid namespace: the far end's process id is the machine's.
    const there = ["--target", String(needInit(place, a.host)), "--net", "--mount"];
    const near = ["ip", "link", "add", a.port, "address", macOf(a), "type", "veth"];
    const far = ["peer", "name", b.port, "address", macOf(b)];
    const netns = ["netns", String(needInit(place, b.host))];
    await must("nsenter", [...there, ...near, ...far, ...netns]);
    touched.add(a.host).add(b.host);
  }
  const hosts = poweredHosts(place).filter(
    (host) => touched.has(host.name) || !isNetworkUp(place, host),
  );
  const script = `rm -f ${NETWORK_UP} && "$@" && touch ${NETWORK_UP}`;
  await Promise.all(
    hosts.map(({ name, network }) =>
      onHostMust(place, name, ["sh", "-c", script, "sh", ...network]),
    ),
  );
}

/** A port keeps its address as hardware does: neighbours must find a rebooted host where it was. */
function macOf({ host, port }: CableEnd): string {
  const hash = createHash("sha256").update(`${host} ${port}`).digest("hex");
  return `02:${(hash.slice(0, 10).match(/../g) ?? []).join(":")}`;
}
