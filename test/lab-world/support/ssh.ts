/** SSH to a lab's node, as the program under test does it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { run } from "../../../lab/world/run";
import type { Said } from "./labs";

/** Folder of the lab's throwaway keys. */
export const KEYS = path.resolve(__dirname, "../../../lab/keys");

/** Runs a command on the node over loopback SSH, trusting this host key only. */
export async function sshTo(port: number, hostKey: string, command: string): Promise<Said> {
  const folder = mkdtempSync(path.join(tmpdir(), "lab-ssh-"));
  try {
    const [key, hosts] = [path.join(folder, "key"), path.join(folder, "known_hosts")];
    writeFileSync(key, readFileSync(path.join(KEYS, "client")), { mode: 0o600 });
    writeFileSync(hosts, `[127.0.0.1]:${port} ${hostKey}\n`);
    const options = [`UserKnownHostsFile=${hosts}`, "StrictHostKeyChecking=yes", "BatchMode=yes"];
    const flags = ["-i", key, "-p", String(port), ...options.flatMap((option) => ["-o", option])];
    return await run("ssh", [...flags, "root@127.0.0.1", command], { input: "in\n" });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
