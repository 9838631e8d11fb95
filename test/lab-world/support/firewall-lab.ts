/** A lab whose guests have a firewall, and questions to their ports. */
import { waitFor } from "../../../lab/world/wait";
import { TestLab } from "./labs";

const TEMPLATE = "local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst";

/** Address of guest 100. */
export const GUEST = "192.168.1.60";

/** One lab with what the firewall's specs do again and again. */
export class FirewallLab {
  readonly lab: TestLab;

  constructor(name: string, portBase: number) {
    this.lab = new TestLab(name, portBase);
  }

  onNode(script: string): string {
    return this.lab.mustOn("pve1", script);
  }

  inGuest(script: string, vmid = 100): string {
    const command = ["pve1", "pct", "exec", String(vmid), "--", "sh", "-s"];
    return this.lab.must("exec", command, script).trim();
  }

  /** What a TCP port of a guest says to a host: its answer, "timeout", "refused", or socat's words. */
  ask(host: string, port: number, address = GUEST): string {
    const target = `TCP:${address}:${port},connect-timeout=1`;
    const { stdout, stderr } = this.lab.run("exec", [host, "socat", "-t1", "-", target], "hello\n");
    if (stdout.trim() === "answer") return "answer";
    return /refused/.test(stderr) ? "refused" : /timed out/.test(stderr) ? "timeout" : stderr;
  }

  /** What ports 80 and 81 of guest 100 say. */
  both(host = "lan-client"): readonly string[] {
    return [this.ask(host, 80), this.ask(host, 81)];
  }

  write(path: string, text: string): void {
    const script = 'mkdir -p "${0%/*}" && cat >"$0"';
    this.lab.must("exec", ["pve1", "sh", "-c", script, path], text);
  }

  /** Digest of the rules in the kernel. */
  loaded(): string {
    return this.lab.on("pve1", "cat", "/run/pve-firewall/loaded").stdout;
  }

  /** Waits until the files as they are now are in force. */
  inForce(): Promise<void> {
    return waitFor("the files to be in force", 5000, () => {
      const { stdout } = this.lab.on("pve1", "pve-firewall", "status");
      return stdout.startsWith("Status: ") && !stdout.includes("pending");
    });
  }

  async guestFile(text: string, vmid = 100): Promise<void> {
    this.write(`/etc/pve/firewall/${vmid}.fw`, text);
    await this.inForce();
  }

  async clusterFile(text: string): Promise<void> {
    this.write("/etc/pve/firewall/cluster.fw", text);
    await this.inForce();
  }

  /** Every rule and set in the node's kernel. */
  rules(): string {
    return this.onNode("nft list ruleset 2>/dev/null; ipset list -name");
  }

  /** The same, with the interfaces. */
  nodeState(): string {
    return `${this.rules()}\n${this.onNode("ip -brief link | cut -d' ' -f1")}`;
  }

  createGuest(vmid: number, address: string, extra: string): void {
    const net0 = `name=eth0,bridge=vmbr0,ip=${address}/24,gw=192.168.1.1${extra}`;
    this.onNode(`pct create ${vmid} ${TEMPLATE} --storage local-lvm --hostname ct${vmid} \
      --unprivileged 1 --features nesting=1 --net0 ${net0} --start 1`);
  }

  /** Opens ports 80 and 81 as soon as the guest has booted. */
  async serve(vmid = 100): Promise<void> {
    await waitFor(`guest ${vmid} to be up`, 30_000, () =>
      /^(running|degraded)/.test(
        this.lab.on("pve1", "pct", "exec", String(vmid), "systemctl", "is-system-running").stdout,
      ),
    );
    this.inGuest(
      "systemd-run -q systemd-socket-activate --accept --inetd -l 80 -l 81 sh -c 'read -r line; echo answer'",
      vmid,
    );
  }
}
