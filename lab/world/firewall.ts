/** Puts rulesets into the kernels of the lab's nodes. */
import { appendFileSync } from "node:fs";
import path from "node:path";

import type { Ruleset } from "../firewall/compile";
import { onHost, onHostMust } from "./host";
import { logsOf, type Place } from "./place";
import { writeBelow } from "./rooted-files";

/** Where the node's program finds the texts; /run ends with the node's power, as the rules do. */
const FOLDER = "/run/pve-firewall";

/** Loads a ruleset on a node, whole or not at all; throws with the words of the tool that refused it. */
export async function loadFirewall(
  place: Place,
  node: string,
  ruleset: Ruleset,
  digest: string,
): Promise<void> {
  const root = onHost(place, node, "");
  for (const name of ["ipset", "iptables", "ip6tables", "bridge"] as const) {
    writeBelow(root, `${FOLDER}/${name}`, ruleset[name]);
  }
  await onHostMust(place, node, ["/usr/local/sbin/lab-firewall", FOLDER, digest]);
}

/** Adds a line to the log of a node's firewall daemon: `lab logs NODE/pve-firewall`. */
export function logFirewall(place: Place, node: string, line: string): void {
  const file = path.join(logsOf(place), node, "pve-firewall.log");
  appendFileSync(file, `${new Date().toISOString()} ${line}\n`);
}
