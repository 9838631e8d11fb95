/** Which part of the appliance costs what, from the runs in which the plain container had that part alone. */
import { BY, FIGURES, PARTS_AT, STEADY } from "./contests";
import type { Memory } from "./memory";
import { FILTERS, proxyParts } from "./parts";
import type { Seen } from "./seen";

/** A part in one figure. */
interface Cost {
  readonly what: string;
  readonly where: string;
  readonly remedy: string;
  /** How many times the time without it. */
  readonly times: number;
}

const FILTER_REMEDY =
  "a packet filter that neither follows connections nor checks each packet's sender, on which the isolation rests";
const MASQUERADE_REMEDY = "a route back to the private network on the LAN's router in place of NAT";

function costs(seen: Seen): readonly Cost[] {
  const http = FIGURES.http(PARTS_AT.size, PARTS_AT.connections);
  const filter = (figure: string, reference: string, where: string): Cost => ({
    what: FILTERS.whole,
    where,
    remedy: FILTER_REMEDY,
    times: seen.times(figure, FILTERS.whole, reference).median,
  });
  const masquerade = (figure: string, where: string): Cost => ({
    what: FILTERS.masquerade,
    where,
    remedy: MASQUERADE_REMEDY,
    times: seen.times(figure, FILTERS.masquerade, BY.routing).median,
  });
  return [
    ...proxyParts.map(({ name, remedy }) => ({
      what: name,
      where: `HTTP, small answers, ${PARTS_AT.connections} connections`,
      remedy,
      times: seen.times(http, name, BY.bare).median,
    })),
    filter(http, BY.bare, `HTTP, small answers, ${PARTS_AT.connections} connections`),
    filter(FIGURES.dns, BY.dnsmasq, "DNS"),
    filter(FIGURES.throughput, BY.routing, "NAT throughput"),
    filter(FIGURES.connections, BY.routing, "new connections through NAT"),
    masquerade(FIGURES.throughput, "NAT throughput"),
    masquerade(FIGURES.connections, "new connections through NAT"),
  ];
}

/** The three largest costs, and what else a reader must know. */
export function notes(seen: Seen, memory: Memory): readonly string[] {
  const largest = [...costs(seen)].sort((a, b) => b.times - a.times).slice(0, 3);
  const steady = [BY.path, BY.name, BY.bare].filter(
    (by) => seen.spread(FIGURES.steady, by, "rate").median < 0.98 * STEADY.rate,
  );
  const total = Object.values(memory).reduce((sum, mib) => sum + mib, 0);
  const [largestProgram, mib = 0] = Object.entries(memory).sort(([, a], [, b]) => b - a)[0] ?? [];
  return [
    ...largest.map(
      ({ what, where, remedy, times }, index) =>
        `Cost ${index + 1}: ${what}, ${times.toFixed(2)} times the time without it (${where}). What would remove it: ${remedy}.`,
    ),
    ...(steady.length === 0
      ? []
      : [
          `${STEADY.rate} requests a second are more than this machine does here: ${steady.join(", ")}.`,
        ]),
    seen.errors().length === 0
      ? "No request, query or connection failed."
      : `Failed: ${seen.errors().join("; ")}.`,
    `The appliance's processes without the console hold ${total.toFixed(0)} MiB after this (PSS), ${largestProgram ?? "nothing"} ${mib.toFixed(0)} of it.`,
    "Everything is on one machine: client, server and gateway share its processors, so a part's cost looks smaller than on a separate gateway.",
  ];
}
