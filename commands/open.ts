/** Opens the lab's site to this machine's loopback and prints the addresses: `open.ts STACK`. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { z } from "zod";

import { pulumi } from "./pulumi";

const outputs = z.object({
  appliance: z.object({ wanAddress: z.string().optional() }).optional(),
  consoleUrl: z.string().nullish(),
  apps: z
    .record(
      z.string(),
      z.object({ address: z.string().optional(), dnsName: z.string().optional() }),
    )
    .default({}),
});

const status = z.object({ portBase: z.number() });

function main(): void {
  const [stack = "dev"] = process.argv.slice(2);
  const { appliance, consoleUrl, apps } = outputs.parse(
    JSON.parse(pulumi(["stack", "output", "--json", "--stack", stack])),
  );
  if (appliance?.wanAddress === undefined) return;
  // Beside the lab's own ports, which are at 6 (API) and 22 (SSH of the node) above its base.
  const { portBase } = status.parse(JSON.parse(lab("status", "--json")));
  const [proxy, web] = [portBase + 80, portBase + 90];
  lab("forward", String(proxy), `${appliance.wanAddress}:8080`);
  const lines = [
    `  http://127.0.0.1:${proxy}/   status`,
    // An app on the LAN has no path on the proxy.
    ...Object.entries(apps).flatMap(([name, { address = "unknown", dnsName }]) =>
      dnsName === undefined
        ? []
        : [`  http://127.0.0.1:${proxy}/${name}/   ${dnsName} at ${address}`],
    ),
  ];
  if (typeof consoleUrl === "string") {
    lab("forward", String(web), `${appliance.wanAddress}:9090`);
    lines.push(`  https://127.0.0.1:${web}/   web console of the appliance`);
  }
  process.stdout.write(`\nOpen on this machine:\n${lines.join("\n")}\n`);
}

function lab(...args: readonly string[]): string {
  return execFileSync(join(__dirname, "..", "lab", "lab"), args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}

main();
