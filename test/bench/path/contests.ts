/** What is measured in each round, and what measures it. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { FILTERS, MASQUERADE, proxyParts } from "./parts";
import { runAt, type Place } from "./places";
import { parseDnsperf, parseH2load, parseIperf, parseWrk, type Sample } from "./tools";
import { PAGES, type World } from "./world";

/** Who serves, as a report names it. */
export const BY = {
  path: "by path",
  name: "by name",
  appliance: "the appliance",
  bare: "bare Caddy",
  app: "the app itself",
  dnsmasq: "bare dnsmasq",
  routing: "plain routing",
} as const;

export const CONNECTIONS = [1, 8, 64] as const;
export const SIZES = ["small", "20 KB"] as const;
export type Size = (typeof SIZES)[number];

/** Requests a second, on so many connections. */
export const STEADY = { rate: 5000, connections: 50 };

/** Where each part of the proxy is measured alone. */
export const PARTS_AT = { size: "small", connections: 64 } as const;

/** What is compared; all runs of one figure are compared with each other. */
export const FIGURES = {
  http: (size: Size, connections: number) => `HTTP ${size} ${connections}`,
  steady: "HTTP steady",
  dns: "DNS",
  throughput: "NAT throughput",
  connections: "NAT connections",
} as const;

/** One run of a tool against one server. */
export interface Run {
  readonly figure: string;
  readonly by: string;
  readonly go: () => Sample;
}

/** Where a request comes from and goes. */
interface Way {
  readonly by: string;
  readonly from: Place;
  readonly url: string;
  readonly host?: string;
}

/** All runs of a round, those of one figure one after another. */
export function contests(world: World): readonly Run[] {
  return [...http(world), ...steady(world), ...dns(world), ...nat(world)];
}

const waysOf = ({ client, plain, urls, host }: World): readonly Way[] => [
  { by: BY.path, from: client, url: urls.path },
  { by: BY.bare, from: client, url: urls.plain },
  { by: BY.name, from: client, url: urls.appliance, host },
  { by: BY.app, from: plain, url: urls.app },
];

function http(world: World): readonly Run[] {
  const shapes = SIZES.flatMap((size) => CONNECTIONS.map((count) => ({ size, count })));
  return shapes.flatMap(({ size, count }) => {
    const run = (way: Way): Run => ({
      figure: FIGURES.http(size, count),
      by: way.by,
      go: () => wrk({ ...way, url: way.url + PAGES[size] }, count),
    });
    const all = waysOf(world).map(run);
    return size === PARTS_AT.size && count === PARTS_AT.connections
      ? [...all, ...proxyPartRuns(world, run)]
      : all;
  });
}

/** The plain container's proxy with one part of the appliance's at a time. */
function proxyPartRuns(world: World, run: (way: Way) => Run): readonly Run[] {
  const { client: from, urls } = world;
  return [
    ...proxyParts.map(({ name, port, below }) =>
      run({ by: name, from, url: `${urls.plain}:${port}${below}` }),
    ),
    ...filtered(world, world.ruleset, [run({ by: FILTERS.whole, from, url: urls.plain })]),
  ];
}

const steady = (world: World): readonly Run[] =>
  waysOf(world).map((way) => ({
    figure: FIGURES.steady,
    by: way.by,
    go: () => h2load({ ...way, url: way.url + PAGES.small }),
  }));

function dns(world: World): readonly Run[] {
  const { app, resolvers, questions } = world;
  const run = (by: string, resolver: string): Run => ({
    figure: FIGURES.dns,
    by,
    go: () => dnsperf(app, resolver, questions),
  });
  return [
    run(BY.appliance, resolvers.appliance),
    run(BY.dnsmasq, resolvers.plain),
    ...filtered(world, world.ruleset, [run(FILTERS.whole, resolvers.plain)]),
  ];
}

function nat(world: World): readonly Run[] {
  const { app, outside } = world;
  const figure = (name: string, measure: (address: string) => Sample): readonly Run[] => {
    const run = (by: string, to: string): Run => ({ figure: name, by, go: () => measure(to) });
    return [
      run(BY.appliance, outside.appliance),
      run(BY.routing, outside.plain),
      ...filtered(world, MASQUERADE, [run(FILTERS.masquerade, outside.plain)]),
      ...filtered(world, world.ruleset, [run(FILTERS.whole, outside.plain)]),
    ];
  };
  return [
    ...figure(FIGURES.throughput, (address) => iperf(app, address)),
    ...figure(FIGURES.connections, (address) => newConnections(app, address, outside.port)),
  ];
}

/** Runs while a packet filter is loaded in the plain container. */
function filtered({ inside }: World, ruleset: string, runs: readonly Run[]): readonly Run[] {
  return runs.map(({ go, ...run }) => ({
    ...run,
    go: () => {
      inside("plain", `nft -f - <<'NFT'\n${ruleset}\nNFT`);
      try {
        return go();
      } finally {
        inside("plain", "nft flush ruleset");
      }
    },
  }));
}

function wrk({ from, url, host }: Way, connections: number): Sample {
  const headers = host === undefined ? [] : ["--header", `Host: ${host}`];
  const flags = ["--threads=1", `--connections=${connections}`, "--duration=1s", "--latency"];
  return parseWrk(runAt(from, ["wrk", ...flags, ...headers, url]));
}

/** Every request on a new connection. */
function newConnections(from: Place, address: string, port: number): Sample {
  const flags = ["--threads=1", "--connections=32", "--duration=2s", "--latency"];
  const url = `http://${address}:${port}/`;
  return parseWrk(runAt(from, ["wrk", ...flags, "--header", "Connection: close", url]));
}

function h2load({ from, url, host }: Way): Sample {
  const seconds = 2;
  const folder = mkdtempSync(join(tmpdir(), "bench-h2load-"));
  try {
    const log = join(folder, "requests");
    const { rate, connections } = STEADY;
    const pace = [`--clients=${connections}`, `--rps=${rate / connections}`];
    // h2load's name for Host, which it would otherwise send in addition to its own.
    const headers = host === undefined ? [] : [`--header=:authority: ${host}`];
    const flags = ["--h1", ...pace, `--duration=${seconds}`, `--log-file=${log}`, ...headers];
    runAt(from, ["h2load", ...flags, url]);
    return parseH2load(readFileSync(log, "utf8"), seconds);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const dnsperf = (from: Place, resolver: string, questions: string): Sample =>
  parseDnsperf(runAt(from, ["dnsperf", "-s", resolver, "-d", questions, "-l", "1"]));

const iperf = (from: Place, address: string): Sample =>
  parseIperf(runAt(from, ["iperf3", "--client", address, "--time", "1", "--json"]));
