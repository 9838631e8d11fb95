import { readFileSync } from "node:fs";
import path from "node:path";

const USER_CONFIG = path.join(__dirname, "../node/etc/pve/user.cfg");

/** The files of a machine, in memory. */
export class MemoryFiles {
  private readonly files: Map<string, string>;

  constructor(files: Readonly<Record<string, string>> = {}) {
    this.files = new Map(Object.entries(files));
  }

  read(path: string): string | undefined {
    return this.files.get(path);
  }

  write(path: string, text: string): void {
    this.files.set(path, text);
  }

  remove(path: string): void {
    this.files.delete(path);
  }

  /** Names directly in a folder, files and folders alike, sorted. */
  list(folder: string): readonly string[] {
    const prefix = folder.endsWith("/") ? folder : `${folder}/`;
    const names = [...this.files.keys()]
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length).split("/")[0] ?? "");
    return [...new Set(names)].sort();
  }
}

/** The files of a fresh node: bridge vmbr0 with its address over port eno1. */
export const freshNode = (node: string): MemoryFiles =>
  new MemoryFiles({
    "/etc/pve/user.cfg": readFileSync(USER_CONFIG, "utf8"),
    "/etc/hostname": `${node}\n`,
    "/etc/resolv.conf": "nameserver 192.168.1.1\n",
    "/etc/network/interfaces": `auto lo
iface lo inet loopback

iface eno1 inet manual

auto vmbr0
iface vmbr0 inet static
\taddress 192.168.1.10/24
\tgateway 192.168.1.1
\tbridge-ports eno1
\tbridge-stp off
\tbridge-fd 0

source /etc/network/interfaces.d/*
`,
  });

/** The files of a guest made from the Debian template. */
export const freshGuest = (): MemoryFiles =>
  new MemoryFiles({
    "/etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n',
    "/etc/hosts": "127.0.0.1 localhost\n",
  });
