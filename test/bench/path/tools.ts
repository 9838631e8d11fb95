/** What wrk, h2load, dnsperf and iperf3 say, as figures. */
import { z } from "zod";

import { spread } from "../support/figures";

/** What one run saw. */
export interface Sample {
  /** What was answered or moved in a second: requests, queries, connections, or bits. */
  readonly rate: number;
  /** Milliseconds from question to answer; NaN where the tool does not tell them. */
  readonly p50: number;
  readonly p99: number;
  /** What was lost, refused, or answered otherwise than by success. */
  readonly errors: number;
}

/** Milliseconds in each unit that wrk writes. */
const UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };

/** The output of `wrk --latency`. */
export function parseWrk(text: string): Sample {
  const latency = (share: number): number => {
    const [, value, unit = ""] = find(text, `^ +${share}% +([0-9.]+)([a-z]+)$`);
    return Number(value) * (UNITS[unit] ?? NaN);
  };
  const wrong = /^ +Non-2xx or 3xx responses: ([0-9]+)$/m.exec(text)?.[1] ?? "0";
  const broken = /^ +Socket errors: (.*)$/m.exec(text)?.[1]?.match(/[0-9]+/g) ?? [];
  return {
    rate: Number(find(text, "^Requests/sec: +([0-9.]+)$")[1]),
    p50: latency(50),
    p99: latency(99),
    errors: [wrong, ...broken].reduce((sum, part) => sum + Number(part), 0),
  };
}

/** The file of `h2load --log-file`, a line for each request: its start, status and microseconds. */
export function parseH2load(text: string, seconds: number): Sample {
  const requests = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t").map(Number))
    .map(([, status = NaN, took = NaN]) => ({ good: status === 200, took: took / 1000 }));
  const times = requests.map(({ took }) => took).sort((a, b) => a - b);
  const good = requests.filter((request) => request.good).length;
  return {
    rate: good / seconds,
    p50: spread(times).median,
    p99: times[Math.ceil(times.length * 0.99) - 1] ?? NaN,
    errors: requests.length - good,
  };
}

/** The output of dnsperf; it has the mean of the latencies, used in place of their median. */
export function parseDnsperf(text: string): Sample {
  const codes = find(text, "^ +Response codes: +(.*)$")[1] ?? "";
  const refused = [...codes.matchAll(/([A-Z]+) ([0-9]+)/g)]
    .filter(([, code]) => code !== "NOERROR")
    .reduce((sum, [, , count]) => sum + Number(count), 0);
  return {
    rate: Number(find(text, "^ +Queries per second: +([0-9.]+)$")[1]),
    p50: Number(find(text, "^ +Average Latency \\(s\\): +([0-9.]+)")[1]) * 1000,
    p99: NaN,
    errors: refused + Number(find(text, "^ +Queries lost: +([0-9]+)")[1]),
  };
}

const Iperf = z.object({
  end: z.object({ sum_received: z.object({ bits_per_second: z.number() }) }),
});

/** The output of `iperf3 --json`: what arrived. */
export function parseIperf(text: string): Sample {
  const { end } = Iperf.parse(JSON.parse(text));
  return { rate: end.sum_received.bits_per_second, p50: NaN, p99: NaN, errors: 0 };
}

/** Throws with the text where it is not what the tool is known to print. */
function find(text: string, pattern: string): RegExpExecArray {
  const found = new RegExp(pattern, "m").exec(text);
  if (found === null) throw new Error(`nothing like ${pattern} in:\n${text}`);
  return found;
}
