import { MemoryBackend } from "../../../lab/backend/memory-backend";
import { createLab, type Lab, type LabOptions } from "../../../lab/server/server";
import { throwawayTls } from "../../../lab/server/tls";
import { Client } from "./client";

const tls = throwawayTls();

/** A memory lab that listens, and a client of it. */
export interface MemoryLab {
  readonly lab: Lab;
  readonly backend: MemoryBackend;
  readonly port: number;
  readonly client: Client;
}

/** A memory backend whose slow work (a new rootfs, a reload) waits until it is released. */
export class HeldBackend extends MemoryBackend {
  release: () => void = () => undefined;
  private readonly released = new Promise<void>((resolve) => (this.release = resolve));

  override async createRootfs(...args: Parameters<MemoryBackend["createRootfs"]>): Promise<string> {
    await this.released;
    return super.createRootfs(...args);
  }

  override async reloadNetwork(node: string): Promise<{ code: number; output: string }> {
    await this.released;
    return super.reloadNetwork(node);
  }
}

/** Starts a memory lab on a free port; the caller closes it. */
export async function startMemoryLab(options: Partial<LabOptions> = {}): Promise<MemoryLab> {
  const backend = new MemoryBackend();
  const lab = createLab({ backend, tls, ...options });
  const port = await lab.listenTls(0);
  return { lab, backend, port, client: new Client(port) };
}

/** Fields of a create call as the provider sends them, but for host-managed, which 8.4 does not know. */
export const container = (vmid: number, extra: Readonly<Record<string, string>> = {}) => ({
  vmid: String(vmid),
  ostemplate: "local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst",
  ostype: "debian",
  arch: "amd64",
  cores: "1",
  cpulimit: "0",
  memory: "512",
  swap: "0",
  storage: "local-lvm",
  console: "1",
  cmode: "tty",
  tty: "2",
  onboot: "1",
  start: "0",
  protection: "0",
  template: "0",
  unprivileged: "1",
  hostname: `ct${vmid}`,
  features: "nesting=1",
  net0: "bridge=vmbr0,firewall=0,ip=dhcp,name=eth0",
  ...extra,
});
