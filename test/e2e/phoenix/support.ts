/** The stack `phoenix`, and questions to its gateway. */
import assert from "node:assert/strict";

import { opens } from "../support/probes";
import { checkout, mustInside, mustOn, on } from "../support/world";

/** VMID of the gateway and of the app behind it. */
export const gateway = 201;
export const behind = 202;
export const client = "lan-client";
export const mac = "02:00:00:00:01:01";

/** `make up` of the stack, which must succeed; what it printed. */
export function up(): string {
  return checkout().must("make", ["up", "STACK=phoenix"]);
}

/** The stack's outputs. */
export function outputs(): {
  readonly appliance: { readonly wanAddress: string };
  readonly apps: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly guests: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
} {
  return JSON.parse(checkout().must("make", ["-s", "outputs", "STACK=phoenix"])) as ReturnType<
    typeof outputs
  >;
}

/** Changes the gateway's public interface as an editor would. */
export function change(values: Readonly<Record<string, unknown>>): void {
  checkout().edit(({ config }) => {
    const guests = config["proximity-lan:site"]["guests"] as Record<
      string,
      { public_interface: Record<string, unknown> }
    >;
    Object.assign(guests["nginx-phoenix"]?.public_interface ?? assert.fail(), values);
  }, "phoenix");
}

/** Asks for the switch of the datacenter's firewall, or no longer. */
export function enableDatacenter(wanted: boolean): void {
  checkout().edit(({ config }) => {
    config["proximity-lan:site"]["firewall"] = { enableDatacenter: wanted };
  }, "phoenix");
}

/** Whether a host opens a TCP port of an address: the ports that it does. */
export function openPorts(host: string, address: string, ports: readonly number[]) {
  return ports.filter((port) => on(host, opens(address, port)).code === 0);
}

/** The same from the app behind the gateway. */
export function openInside(address: string, ports: readonly number[]) {
  return ports.filter((port) => {
    const script = `bash -c "${opens(address, port).replaceAll('"', '\\"')}" && echo open || echo closed`;
    return mustInside(behind, script) === "open";
  });
}

/** Starts of the gateway's init, to count them. */
export function bootOf(vmid = gateway): string {
  return mustInside(vmid, "awk '{ print $22 }' /proc/1/stat; stat -c %Y /proc/1");
}

/** The guest's configuration without what the public interface put into it. */
export function restOfConfig(): string {
  return mustOn("pve1", `grep -v '^lxc.net.1\\|^net1:' /etc/pve/lxc/${gateway}.conf`);
}

/** What of the public interface is in the guest's configuration. */
export function nicLines(): readonly string[] {
  const { stdout } = on("pve1", `grep '^lxc.net.1\\|^net1:' /etc/pve/lxc/${gateway}.conf`);
  return stdout.split("\n").filter((line) => line !== "");
}

/** How often LXC started the gateway while something was done; its starts are the lab's, one line each. */
export function startsDuring(step: () => void): number {
  const tasks = () =>
    mustOn(
      "pve1",
      `curl -s --unix-socket /run/pve-lab/api.sock 'http://localhost/api2/json/nodes/pve1/tasks?vmid=${gateway}&limit=500' | grep -o '"type":"vz\\(start\\|reboot\\)"' | wc -l`,
    );
  const [boot, before] = [bootOf(), Number(tasks())];
  step();
  const started = Number(tasks()) - before;
  assert.equal(bootOf() === boot, started === 0, `${started} tasks of starting it`);
  return started;
}

/** Opens port 9000 in the gateway, to show what is closed in front of it. */
export function listen(): void {
  mustInside(
    gateway,
    "systemctl reset-failed; systemctl stop probe 2>/dev/null; systemd-run -q --unit probe perl -MIO::Socket::INET -e 'my $s = IO::Socket::INET->new(Listen => 5, LocalPort => 9000, ReuseAddr => 1) or die; close $_ while $_ = $s->accept'",
  );
}
