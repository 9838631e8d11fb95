/**
 * Prints the addresses to open: `open STACK [--lab]`. With --lab they are on this machine's loopback, to
 * which the lab's site is opened first.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { z } from "zod";

import { main } from "./main";
import { project, pulumi } from "./pulumi";

const outputs = z.object({
  appliance: z.object({ wanAddress: z.string().optional() }).optional(),
  consoleUrl: z.string().nullish(),
  apps: z
    .record(
      z.string(),
      z.object({
        address: z.string().optional(),
        dnsName: z.string().optional(),
        url: z.string().optional(),
      }),
    )
    .default({}),
  guests: z.record(z.string(), z.object({ publicAddress: z.string().optional() })).default({}),
});

type Outputs = z.output<typeof outputs>;

/** One address, and what is there. */
type Line = readonly [url: string, what: string];

const status = z.object({ portBase: z.number() });

function show(stack: string, isLab: boolean): void {
  const found = outputs.parse(JSON.parse(pulumi(["stack", "output", "--json", "--stack", stack])));
  const lines = isLab ? inLab(found) : onLan(found);
  const width = Math.max(...lines.map(([url]) => url.length));
  const text = lines.map(([url, what]) => `  ${url.padEnd(width)}   ${what}\n`).join("");
  const where = isLab ? "Open on this machine" : "Open on your LAN";
  if (lines.length > 0) process.stdout.write(`\n${where}:\n${text}`);
}

/** The addresses as they are on the LAN. */
function onLan(found: Outputs): readonly Line[] {
  const wan = found.appliance?.wanAddress;
  const { consoleUrl, apps, guests } = found;
  return [
    ...(wan === undefined ? [] : behind(found, `http://${wan}:8080`, `http://${wan}:8081`)),
    ...Object.entries(apps).flatMap(([name, { url, dnsName }]): readonly Line[] =>
      url !== undefined && (dnsName === undefined || url === `http://${dnsName}/`)
        ? [[url, name]]
        : [],
    ),
    ...Object.entries(guests).flatMap(([name, { publicAddress }]): readonly Line[] =>
      publicAddress === undefined ? [] : [[`http://${publicAddress}/`, name]],
    ),
    ...(typeof consoleUrl === "string" ? [consoleLine(consoleUrl)] : []),
  ];
}

/** The same on loopback, of what is behind the appliance; the LAN itself is inside the lab. */
function inLab(found: Outputs): readonly Line[] {
  const wan = found.appliance?.wanAddress;
  if (wan === undefined) return [];
  // Beside the lab's own ports, which are at 6 (API) and 22 (SSH of the node) above its base.
  const { portBase } = status.parse(JSON.parse(lab("status", "--json")));
  const [proxy, page, web] = [portBase + 80, portBase + 81, portBase + 90];
  lab("forward", String(proxy), `${wan}:8080`);
  lab("forward", String(page), `${wan}:8081`);
  const lines = behind(found, `http://127.0.0.1:${proxy}`, `http://127.0.0.1:${page}`);
  if (typeof found.consoleUrl !== "string") return lines;
  lab("forward", String(web), `${wan}:9090`);
  return [...lines, consoleLine(`https://127.0.0.1:${web}/`)];
}

/** Status page and apps, by their paths on the proxy. */
function behind({ apps }: Outputs, proxy: string, page: string): readonly Line[] {
  return [
    [`${page}/`, "status"],
    // An app on the LAN has no path on the proxy, nor has one that is served by its name alone.
    ...Object.entries(apps).flatMap(
      ([name, { address = "unknown", dnsName, url }]): readonly Line[] =>
        dnsName === undefined || url === `http://${dnsName}/`
          ? []
          : [[`${proxy}/${name}/`, `${dnsName} at ${address}`]],
    ),
  ];
}

function consoleLine(url: string): Line {
  return [url, "web console of the appliance"];
}

function lab(...args: readonly string[]): string {
  return execFileSync(join(project, "lab", "lab"), args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}

main({
  usage: "open STACK [--lab]",
  options: { lab: { type: "boolean", default: false } },
  positionals: [1, 1],
  run: ({ positionals: [stack = ""], flags }) => {
    show(stack, flags.lab);
  },
});
