/** The site of the specs that attack it: ordinary apps, and one whose root does what it likes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { waitFor } from "../../../lab/world/wait";
import { statusSchema, type Status } from "../../../model/status";
import { served } from "../support/services";
import { checkout, inside, mustInside, mustOn, outputs, type Outputs } from "../support/world";

/** VMIDs. */
export const [appliance, victim, notes, evil] = [100, 101, 102, 103] as const;
export const gateway = "10.20.0.1";
export const [client, clientAddress] = ["lan-client", "192.168.1.50"] as const;
export const nodeAddress = "192.168.1.10";
export const outsideAddress = "198.51.100.10";

/** `make soak` sends as much as the promises are about; `make test` a sample of it. */
export function amount(sample: number, soak: number): number {
  return process.env["SOAK"] === undefined ? sample : soak;
}

/** The seed of all generated packets; of a failure, it is enough to repeat them. */
export const seed = Number(process.env["SEED"] ?? 1);

/** Declares it next to the apps of the stack `dev`, and brings it up. */
export function upWithEvil(): Outputs {
  checkout().edit(({ config }) => {
    config["proximity-lan:site"].apps["evil"] = { vmid: evil, ...served(), memory: 256 };
  });
  checkout().must("make", ["up"]);
  const script = readFileSync(join(__dirname, "attack.pl"), "utf8");
  mustInside(evil, `cat >/root/attack.pl <<'PERL'\n${script}PERL`);
  mustInside(victim, `cat >/root/attack.pl <<'PERL'\n${script}PERL`);
  return outputs();
}

/** What attack.pl prints in the hostile app. */
export function attack(...words: readonly (string | number)[]): string {
  return attackFrom(evil, ...words);
}

/** The same, in another app. */
export function attackFrom(vmid: number, ...words: readonly (string | number)[]): string {
  return mustInside(vmid, `perl /root/attack.pl ${words.join(" ")}`);
}

/** Starts it on the LAN, and does not wait for its end. */
export function lanAttack(words: string): void {
  const script = readFileSync(join(__dirname, "attack.pl"), "utf8");
  mustOn(
    client,
    `cat >/tmp/attack.pl <<'PERL'\n${script}PERL\nnohup perl /tmp/${words} >/dev/null 2>&1 </dev/null &`,
  );
}

export const leases = (): string => mustInside(appliance, "cat /var/lib/misc/dnsmasq.leases");

/** MAC address of a guest's interface. */
export const macOf = (vmid: number, nic = "eth0"): string =>
  mustInside(vmid, `cat /sys/class/net/${nic}/address`);

/** Waits until the probe says something. */
export async function statusWith(what: string, holds: (status: Status) => boolean): Promise<void> {
  await waitFor(what, 30_000, () => {
    const { stdout } = inside(appliance, "cat /run/proximity/status.json");
    return stdout !== "" && holds(statusSchema.parse(JSON.parse(stdout)));
  });
}

/** Takes an app down and up again at its network, which releases its lease. */
export function reconnect(vmid: number, between: () => void = () => undefined): void {
  mustInside(vmid, "ifdown eth0 >/dev/null 2>&1; ip link set eth0 up");
  between();
  mustInside(vmid, "ifup eth0 >/dev/null 2>&1");
}

/**
 * Counts the UDP packets to a port that arrive at a host of the lab while a step runs. At the node, those that
 * it takes in: the ones between its guests pass its first hook as well.
 */
export function heardAt(host: string, port: number, step: () => void): number {
  const hook = host === "pve1" ? "input" : "prerouting";
  mustOn(
    host,
    `nft "add table inet heard; delete table inet heard; table inet heard { chain in { type filter hook ${hook} priority -500; udp dport ${port} counter; }; }"`,
  );
  step();
  const seen = mustOn(host, "nft list table inet heard; nft delete table inet heard");
  return Number(/packets (\d+)/.exec(seen)?.[1]);
}
