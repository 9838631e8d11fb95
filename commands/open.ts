/** Opens the lab's site to this machine's loopback and prints the addresses: `open.ts STACK`. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { z } from "zod";

import { pulumi } from "./pulumi";

const outputs = z.object({
  appliance: z.object({ wanAddress: z.string() }).optional(),
  consoleUrl: z.string().optional(),
  apps: z.record(z.string(), z.object({ address: z.string(), dnsName: z.string() })).default({}),
});

/** Ports on loopback; the lab's own forwards are 18006 (API) and 18022 (SSH of the node). */
const local = { proxy: 18080, console: 18090 };

function main(): void {
  const [stack = "dev"] = process.argv.slice(2);
  const { appliance, consoleUrl, apps } = outputs.parse(
    JSON.parse(pulumi(["stack", "output", "--json", "--stack", stack])),
  );
  if (appliance === undefined) return;
  forward(local.proxy, `${appliance.wanAddress}:8080`);
  const lines = Object.entries(apps).map(
    ([name, { address, dnsName }]) =>
      `  http://127.0.0.1:${local.proxy}/${name}/   ${dnsName} at ${address}`,
  );
  if (consoleUrl !== undefined) {
    forward(local.console, `${appliance.wanAddress}:9090`);
    lines.push(`  https://127.0.0.1:${local.console}/   web console of the appliance`);
  }
  process.stdout.write(`\nOpen on this machine:\n${lines.join("\n")}\n`);
}

function forward(port: number, target: string): void {
  execFileSync(join(__dirname, "..", "lab", "lab"), ["forward", String(port), target], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}

main();
