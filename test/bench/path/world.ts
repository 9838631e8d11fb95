/** A site with one app, and a plain container with the same networks as its appliance. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { waitFor } from "../../../lab/world/wait";
import { Checkout } from "../../e2e/support/checkout";
import { Places, runAt, serveAt, type Place } from "./places";
import { caddyfile, proxyParts, upstreamHost } from "./parts";

/** What runs on this machine, in the lab's networks; h2load alone of them keeps to a rate. */
const TOOLS = ["wrk", "h2load", "dnsperf", "iperf3"];

const APP = { vmid: 101, name: "files" };
const PLAIN = { vmid: 110, address: "10.20.0.9" };

/** Answers of both sizes. */
export const PAGES = { small: "/small.html", "20 KB": "/large.html" };

/** Two addresses of one host outside: apps reach one through the appliance, one through the plain container. */
const OUTSIDE = {
  appliance: "198.51.100.10",
  plain: "198.51.100.11",
  /** Of the web server there (outside.conf). */
  port: 8090,
};

/** Names that are declared. */
const NAMES = Array.from({ length: 100 }, (_, index) => ({
  name: `host-${index + 1}.home.example`,
  address: `192.168.7.${index + 1}`,
}));

/** Where everything is, as long as it stands. */
export interface World {
  /** A computer of the LAN. */
  readonly client: Place;
  readonly app: Place;
  readonly plain: Place;
  readonly urls: {
    readonly path: string;
    readonly appliance: string;
    readonly plain: string;
    readonly app: string;
  };
  /** The app's own name, for a request's Host. */
  readonly host: string;
  readonly resolvers: { readonly appliance: string; readonly plain: string };
  readonly outside: typeof OUTSIDE;
  /** File of questions for dnsperf. */
  readonly questions: string;
  /** The appliance's packet filter, as it is in force. */
  readonly ruleset: string;
  /** Runs a shell text in the appliance or in the plain container; its stdout. */
  readonly inside: (which: "appliance" | "plain", script: string) => string;
}

/** Builds it, lends it and takes it away. */
export async function withWorld<T>(work: (world: World) => Promise<T> | T): Promise<T> {
  execFileSync("commands/deps.sh", TOOLS, { stdio: ["ignore", "inherit", "inherit"] });
  const checkout = new Checkout({ name: "bench-path", portBase: 23_800 });
  const folder = mkdtempSync(join(tmpdir(), "bench-path-"));
  const servers: ReturnType<typeof serveAt>[] = [];
  try {
    checkout.must("lab/lab", ["down"]);
    checkout.must("lab/lab", ["up"]);
    const world = build(checkout, folder);
    const outside = new Places(checkout).host("outside");
    servers.push(
      serveAt(outside, ["iperf3", "--server"]),
      serveAt(outside, [nginx(), "-p", folder, "-c", join(__dirname, "outside.conf")]),
    );
    await reachable(world);
    return await work(world);
  } finally {
    for (const server of servers) server.kill();
    checkout.must("lab/lab", ["down"]);
    checkout.remove();
    rmSync(folder, { recursive: true });
  }
}

function build(checkout: Checkout, folder: string): World {
  declare(checkout);
  checkout.must("toolchain/pulumi", ["stack", "select", "--create", "dev"]);
  checkout.must("toolchain/pulumi", ["up", "--yes", "--skip-preview", "--stack", "dev"]);
  const { appliance, app } = addressesOf(checkout);
  const plain = makePlain(checkout, folder, app);
  const questions = join(folder, "questions");
  writeFileSync(questions, NAMES.map(({ name }) => `${name} A\n`).join(""));
  const places = new Places(checkout);
  lead(checkout, places.guest(APP.vmid), plain);
  const vmids = { appliance: 100, plain: PLAIN.vmid };
  return {
    client: places.host("lan-client"),
    app: places.guest(APP.vmid),
    plain: places.guest(PLAIN.vmid),
    urls: {
      path: `http://${appliance}/${APP.name}`,
      appliance: `http://${appliance}`,
      plain: `http://${plain}`,
      app: `http://${app}`,
    },
    host: `${APP.name}.prox.local`,
    resolvers: { appliance: "10.20.0.1", plain: PLAIN.address },
    outside: OUTSIDE,
    questions,
    ruleset: inGuest(checkout, vmids.appliance, "nft list table inet proximity"),
    inside: (which, script) => inGuest(checkout, vmids[which], script),
  };
}

/** Debian's, unpacked. */
const nginx = (): string =>
  join(execFileSync("test/nginx/get.sh", { encoding: "utf8" }).trim(), "usr/sbin/nginx");

function declare(checkout: Checkout): void {
  checkout.edit(({ config }) => {
    const site = config["proximity-lan:site"];
    const records = Object.fromEntries(NAMES.map(({ name, address }) => [name, address]));
    site.network = { ...site.network, dns: { records } };
    site.apps = {
      [APP.name]: {
        vmid: APP.vmid,
        packages: ["nginx-light"],
        services: ["nginx"],
        files: {
          [`/var/www/html${PAGES.small}`]: { content: "hello\n" },
          [`/var/www/html${PAGES["20 KB"]}`]: { content: "0123456789abcde\n".repeat(1280) },
          "/etc/nginx/conf.d/bench.conf": { content: "access_log off;\n" },
        },
      },
    };
  });
}

const inGuest = (checkout: Checkout, vmid: number, script: string): string =>
  checkout.must(
    "lab/lab",
    ["exec", "pve1", "pct", "exec", String(vmid), "--", "sh", "-eus"],
    script,
  );

function addressesOf(checkout: Checkout) {
  const of = (vmid: number) =>
    inGuest(checkout, vmid, `ip -4 -o addr show eth0 | awk '{ sub("/.*", "", $4); print $4 }'`);
  return { appliance: of(100).trim(), app: of(APP.vmid).trim() };
}

/** The container and its files; its address on the LAN. */
function makePlain(checkout: Checkout, folder: string, app: string): string {
  cpSync(join(__dirname, "node"), folder, { recursive: true });
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const hosts = NAMES.map(({ name, address }) => `${address} ${name}\n`);
  write("etc/bench.hosts", hosts.join("") + upstreamHost(app));
  write("etc/dnsmasq.d/bench.conf", "no-hosts\naddn-hosts=/etc/bench.hosts\n");
  write("etc/caddy/Caddyfile", caddyfile(app));
  const files = execFileSync("tar", ["-C", folder, "-cf", "-", "."]).toString("base64");
  const unpack = "mkdir -p /root/plain && base64 -d | tar -xf - -C /root/plain --no-same-owner";
  checkout.must("lab/lab", ["exec", "pve1", "sh", "-c", unpack], files);
  const make = ["bash", "/root/plain/plain.sh", String(PLAIN.vmid), `${PLAIN.address}/24`];
  return checkout.must("lab/lab", ["exec", "pve1", ...make]).trim();
}

/** The app's way to the second address outside, and the way back; without it there is no plain routing. */
function lead(checkout: Checkout, app: Place, plain: string): void {
  const on = (host: string, ...words: readonly string[]) =>
    checkout.must("lab/lab", ["exec", host, "ip", ...words]);
  on("outside", "address", "replace", `${OUTSIDE.plain}/24`, "dev", "eth0");
  on("router", "route", "replace", "10.20.0.0/24", "via", plain);
  runAt(app, ["ip", "route", "replace", OUTSIDE.plain, "via", PLAIN.address]);
}

/** Waits until everything answers that is to be measured. */
async function reachable({ client, app, plain, urls, outside, host }: World): Promise<void> {
  const page = PAGES.small;
  const asked: readonly (readonly [Place, readonly string[]])[] = [
    [client, [`${urls.path}${page}`]],
    [client, [`${urls.appliance}${page}`, "-H", `Host: ${host}`]],
    [client, [`${urls.plain}${page}`]],
    ...proxyParts.map(
      ({ port, below }) => [client, [`${urls.plain}:${port}${below}${page}`]] as const,
    ),
    [plain, [`${urls.app}${page}`]],
    [app, [`http://${outside.appliance}:${outside.port}/`]],
    [app, [`http://${outside.plain}:${outside.port}/`]],
  ];
  for (const [place, words] of asked) {
    await waitFor(`an answer to curl ${words.join(" ")}`, 20_000, () => {
      const { status } = spawnSync("nsenter", [
        `--net=${place}`,
        "curl",
        "-sf",
        "-m",
        "2",
        ...words,
      ]);
      return status === 0;
    });
  }
}
