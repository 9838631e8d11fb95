/** Guests as LXC containers on a node. */
import { existsSync, readFileSync, statfsSync } from "node:fs";
import path from "node:path";

import { BackendError, type GuestInterface, type GuestState } from "../backend/backend";
import { needInit, onHost, onHostRun } from "./host";
import { logsOf, type Place } from "./place";
import type { Links } from "./links";
import { writeBelow } from "./rooted-files";
import { mountRootfs, settleRootfs } from "./rootfs";
import { memoryUse, processesIn, processorTime, startOf, uptimeOf } from "./usage";
import { waitFor } from "./wait";

/** Group of a guest below its node's cgroups, as Proxmox names it. */
const groupOf = (vmid: number): string => `lxc/${vmid}`;

/** Where a guest lives: what the lab's world adds before the guest's own LXC configuration. */
function worldConfig(vmid: number, unprivileged: boolean): readonly string[] {
  return [
    "lxc.include = /usr/share/lxc/config/common.conf",
    ...(unprivileged ? ["lxc.include = /usr/share/lxc/config/userns.conf"] : []),
    "lxc.apparmor.profile = unconfined",
    `lxc.rootfs.path = dir:/var/lib/lxc/${vmid}/rootfs`,
    `lxc.cgroup.dir.monitor = lxc.monitor/${vmid}`,
    `lxc.cgroup.dir.container = ${groupOf(vmid)}`,
    "lxc.cgroup.dir.container.inner = ns",
  ];
}

/** The guests of one node; knows their inits, so that asking for a state starts no process. */
export class Guests {
  private readonly inits = new Map<number, { readonly pid: number; readonly started: number }>();
  private readonly samples = new Map<number, { readonly at: number; readonly used: number }>();

  constructor(
    private readonly place: Place,
    private readonly node: string,
    private readonly links: Links,
  ) {}

  /** Starts a guest; resolves once its init runs. */
  async start(vmid: number, lxcConfig: string): Promise<void> {
    const { place, node } = this;
    assertBridges(place, node, lxcConfig);
    await settleRootfs(place, node, vmid);
    const owner = await mountRootfs(place, node, vmid);
    const config = `${worldConfig(vmid, owner !== 0).join("\n")}\n${lxcConfig}`;
    const log = `guest-${vmid}.log`;
    writeBelow(onHost(place, node, ""), `/var/lib/lxc/${vmid}/config`, config);
    const start = ["lxc-start", "--daemon", "--name", String(vmid)];
    const { code, stderr } = await onHostRun(place, node, [
      ...["sh", "-c", ': >"$0"; exec "$@"', `/var/log/lab/${log}`],
      ...[...start, "--logfile", `/var/log/lab/${log}`, "--logpriority", "WARN"],
    ]);
    if (code === 0) return;
    const text = readFileSync(path.join(logsOf(place), node, log), "utf8");
    const errors = text.split("\n").filter((line) => line.includes(" ERROR "));
    throw new BackendError(
      `startup for container '${vmid}' failed: ${errors.at(0)?.replace(/^.* - /, "") ?? stderr.trim()}`,
    );
  }

  /** Asks the init to shut down; kills it after the timeout when forced, else reports a timeout. */
  async shutdown(vmid: number, force: boolean, timeoutSeconds: number): Promise<void> {
    if (this.initOf(vmid) === undefined) return;
    const timeout = ["--timeout", String(Math.max(1, Math.round(timeoutSeconds)))];
    const name = ["lxc-stop", "--name", String(vmid)];
    await onHostRun(this.place, this.node, [...name, "--nokill", ...timeout]);
    if (this.initOf(vmid) === undefined) {
      await this.gone(vmid);
      return;
    }
    if (!force) throw new BackendError("command 'lxc-stop' failed: got timeout");
    await this.stop(vmid);
  }

  /** Kills a guest; one that does not run is fine. */
  async stop(vmid: number): Promise<void> {
    if (this.initOf(vmid) === undefined) return;
    await onHostRun(this.place, this.node, ["lxc-stop", "--name", String(vmid), "--kill"]);
    await this.gone(vmid);
  }

  private async gone(vmid: number): Promise<void> {
    const all = (): boolean =>
      this.initOf(vmid) === undefined &&
      processesIn(this.place, this.node, `lxc.monitor/${vmid}`).length === 0;
    await waitFor(`CT ${vmid} to end`, 10_000, all);
  }

  /** State and use of a guest. */
  state(vmid: number): GuestState {
    const init = this.initOf(vmid);
    if (init === undefined) return { running: false, uptime: 0, mem: 0, cpu: 0 };
    const { place, node } = this;
    return {
      running: true,
      pid: init.pid,
      uptime: Math.floor(uptimeOf(init.machinePid) ?? 0),
      mem: memoryUse(place, node, groupOf(vmid)),
      cpu: this.load(vmid, uptimeOf(init.machinePid) ?? 0),
      ...diskUse(init.machinePid),
    };
  }

  /** Processor load since the last question, or since the start, as a fraction of one core. */
  private load(vmid: number, uptime: number): number {
    const now = {
      at: Date.now() / 1000,
      used: processorTime(this.place, this.node, groupOf(vmid)),
    };
    const last = this.samples.get(vmid) ?? { at: now.at - uptime, used: 0 };
    this.samples.set(vmid, now);
    return now.at > last.at ? Math.max(0, (now.used - last.used) / (now.at - last.at)) : 0;
  }

  /** Interfaces of a running guest with their addresses; none of a stopped one. */
  async interfaces(vmid: number): Promise<readonly GuestInterface[]> {
    const init = this.initOf(vmid);
    if (init === undefined) return [];
    return this.links.of(`/proc/${init.machinePid}/ns/net`);
  }

  /** Ids of the guest's init, on the node and on the machine; undefined when it does not run. */
  private initOf(vmid: number): { readonly pid: number; readonly machinePid: number } | undefined {
    const known = this.inits.get(vmid);
    if (known !== undefined && startOf(known.pid) === known.started) {
      const ids = namespacePids(known.pid);
      if (ids !== undefined) return { pid: ids[1], machinePid: known.pid };
    }
    this.inits.delete(vmid);
    for (const pid of processesIn(this.place, this.node, groupOf(vmid))) {
      const ids = namespacePids(pid);
      const started = startOf(pid);
      if (ids === undefined || started === undefined) continue;
      this.inits.set(vmid, { pid, started });
      return { pid: ids[1], machinePid: pid };
    }
    return undefined;
  }
}

/** A guest init's ids on the machine, on the node and in the guest (1); undefined for any other process. */
function namespacePids(pid: number): readonly [number, number, number] | undefined {
  let status: string;
  try {
    status = readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return undefined; // the process ended
  }
  if (/^State:\s+[ZX]/m.test(status)) return undefined;
  const ids = /^NSpid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/).map(Number) ?? [];
  const [machine, node, guest] = ids;
  if (ids.length !== 3 || machine === undefined || node === undefined || guest !== 1) {
    return undefined;
  }
  return [machine, node, guest];
}

/** The root file system of a running guest, as df in it shows it; nothing when its init just ended. */
function diskUse(pid: number): Pick<GuestState, "disk"> {
  try {
    const { bsize, blocks, bfree } = statfsSync(`/proc/${pid}/root`);
    return { disk: { used: (blocks - bfree) * bsize, total: blocks * bsize } };
  } catch {
    return {};
  }
}

/** Whether a node has a network interface of this name now. */
export const hasInterface = (place: Place, node: string, name: string): boolean =>
  existsSync(onHost(place, node, `/sys/class/net/${name}`));

/** Proxmox's own words for a NIC on a bridge that is not there. */
function assertBridges(place: Place, node: string, lxcConfig: string): void {
  for (const [, bridge = ""] of lxcConfig.matchAll(/^lxc\.net\.\d+\.link\s*=\s*(\S+)\s*$/gm)) {
    if (!hasInterface(place, node, bridge)) {
      throw new BackendError(`bridge '${bridge}' does not exist`);
    }
  }
}

/** True when the guest's rootfs is mounted on the node. */
export function isMounted(place: Place, node: string, vmid: number): boolean {
  const mounts = readFileSync(`/proc/${needInit(place, node)}/mounts`, "utf8");
  return mounts.includes(` /var/lib/lxc/${vmid}/rootfs `);
}
