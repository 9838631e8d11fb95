/** What was seen, as a section of the report. */
import { spread, type Spread } from "../support/figures";
import { doubts, machine } from "../support/machine";
import type { Section } from "../support/report";
import { BY, CONNECTIONS, FIGURES, SIZES, STEADY } from "./contests";
import { notes } from "./costs";
import type { Memory } from "./memory";
import type { Seen } from "./seen";

/** How many times the time of the bare daemon or of plain routing the appliance may take. */
const LIMIT = 1.05;

/** All that a report is made from. */
export interface Findings {
  readonly rounds: number;
  /** The machine's load before. */
  readonly before: number;
  readonly seen: Seen;
  readonly memory: Memory;
}

const shapes = SIZES.flatMap((size) =>
  CONNECTIONS.map((count) => ({
    figure: FIGURES.http(size, count),
    title: `${size === "small" ? "a small answer" : size}, ${count} ${count === 1 ? "connection" : "connections"}`,
  })),
);

/** The section; every word with a number in it is made from what was seen. */
export function section({ rounds, before, seen, memory }: Findings): Section {
  return {
    name: "path",
    title: "The data path: HTTP, DNS and NAT through the appliance",
    text: `One app behind the appliance, and next to the appliance a plain container with the same two networks and Debian's own Caddy (\`reverse_proxy\` and nothing else), dnsmasq (a hosts file and nothing else) and plain routing, in the lab. ${rounds} rounds; in each everything is measured once, for a second or two. HTTP is asked for by a computer of the LAN, the app itself from the plain container; DNS and NAT are used by the app. A ratio over 1 means that the appliance does less in the same time.`,
    when: new Date().toISOString().slice(0, 10),
    machine: machine(),
    doubts: doubts(before, seen.values(FIGURES.http("small", 64), BY.bare, "rate")),
    targets: targets(seen),
    tables: [rates(seen), latencies(seen), steady(seen), services(seen)],
    charts: [],
    notes: [...notes(seen, memory)],
  };
}

const shown = ({ min, median, max }: Spread, digits = 2): string =>
  `${median.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)})`;

function targets(seen: Seen): Section["targets"] {
  const aim = (what: string, times: Spread) => ({
    what,
    target: String(LIMIT),
    measured: shown(times),
    met: times.median <= LIMIT,
  });
  const { dns, throughput, connections, steady: at } = FIGURES;
  return [
    ...[BY.path, BY.name].flatMap((by) =>
      SIZES.map((size) =>
        aim(
          `HTTP ${by}, ${size === "small" ? "small answers" : `answers of ${size}`}, to ${BY.bare}`,
          spread(CONNECTIONS.flatMap((count) => timesOf(seen, FIGURES.http(size, count), by))),
        ),
      ),
    ),
    ...(keepsUp(seen, BY.bare)
      ? [BY.path, BY.name].map((by) =>
          aim(
            `HTTP ${by} at ${STEADY.rate} requests a second, middle latency, to ${BY.bare}`,
            seen.times(at, by, BY.bare, "p50"),
          ),
        )
      : []),
    aim(`DNS of declared names, to ${BY.dnsmasq}`, seen.times(dns, BY.appliance, BY.dnsmasq)),
    aim(`NAT throughput, to ${BY.routing}`, seen.times(throughput, BY.appliance, BY.routing)),
    aim(
      `NAT, new connections, to ${BY.routing}`,
      seen.times(connections, BY.appliance, BY.routing),
    ),
  ];
}

/** Of each round. */
function timesOf(seen: Seen, figure: string, by: string): readonly number[] {
  const own = seen.values(figure, by, "rate");
  return seen.values(figure, BY.bare, "rate").map((rate, round) => rate / (own[round] ?? NaN));
}

/** A server that is asked for more than it can do has latencies that tell nothing but that. */
const keepsUp = (seen: Seen, by: string): boolean =>
  seen.spread(FIGURES.steady, by, "rate").median > 0.98 * STEADY.rate;

type Table = Section["tables"][number];

const rates = (seen: Seen): Table => ({
  title: "HTTP: requests a second",
  columns: ["", BY.path, BY.name, BY.bare, BY.app, `${BY.path}, ratio`, `${BY.name}, ratio`],
  rows: shapes.map(({ figure, title }) => [
    title,
    ...[BY.path, BY.name, BY.bare, BY.app].map((by) => shown(seen.spread(figure, by, "rate"), 0)),
    ...[BY.path, BY.name].map((by) => shown(seen.times(figure, by, BY.bare))),
  ]),
});

const latencies = (seen: Seen): Table => ({
  title: "HTTP: milliseconds to the answer, the middle and the 99th of a hundred",
  columns: ["", BY.path, BY.name, BY.bare, BY.app],
  rows: shapes.map(({ figure, title }) => [
    title,
    ...[BY.path, BY.name, BY.bare, BY.app].map((by) => latency(seen, figure, by)),
  ]),
});

const latency = (seen: Seen, figure: string, by: string): string =>
  (["p50", "p99"] as const)
    .map((key) => seen.spread(figure, by, key).median.toFixed(2))
    .join(" / ");

const steady = (seen: Seen): Table => ({
  title: `HTTP at ${STEADY.rate} requests a second, ${STEADY.connections} connections, small answers`,
  columns: ["", "answered a second", "milliseconds, middle and 99th", "errors"],
  rows: [BY.path, BY.name, BY.bare, BY.app].map((by) => [
    by,
    shown(seen.spread(FIGURES.steady, by, "rate"), 0),
    latency(seen, FIGURES.steady, by),
    String(seen.of(FIGURES.steady, by).reduce((sum, { errors }) => sum + errors, 0)),
  ]),
});

function services(seen: Seen): Table {
  const { dns, throughput, connections } = FIGURES;
  const row = (title: string, figure: string, reference: string, unit = 1) => [
    title,
    ...[BY.appliance, reference].map((by) =>
      shown(spread(seen.values(figure, by, "rate").map((rate) => rate / unit)), unit === 1 ? 0 : 2),
    ),
    shown(seen.times(figure, BY.appliance, reference)),
  ];
  const late = [BY.appliance, BY.dnsmasq].map((by) => shown(seen.spread(dns, by, "p50")));
  return {
    title: "DNS and NAT",
    columns: ["", BY.appliance, "bare dnsmasq, plain routing", "ratio"],
    rows: [
      row("DNS of declared names, queries a second", dns, BY.dnsmasq),
      [
        "the same, mean latency in milliseconds",
        ...late,
        shown(seen.times(dns, BY.appliance, BY.dnsmasq, "p50")),
      ],
      row("NAT, Gbit a second", throughput, BY.routing, 1e9),
      row("NAT, new connections a second", connections, BY.routing),
    ],
  };
}
