import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parseDnsperf, parseH2load, parseIperf, parseWrk } from "./path/tools";

/** What the tools of Debian 12 printed. */
const output = (file: string) => readFileSync(join(__dirname, "path", "outputs", file), "utf8");

describe("figures of the data path", () => {
  it("are read from wrk, and a wrong answer counts as an error", () => {
    const seen = parseWrk(output("wrk.txt"));
    assert.deepEqual(seen, { rate: 4498.79, p50: 1.2, p99: 31.61, errors: 5166 });
  });

  it("are read from wrk in each of its units, socket errors included", () => {
    const text = output("wrk.txt")
      .replace("1.20ms", "1.20s")
      .replace("31.61ms", "250.00us")
      .replace(/Non-2xx.*/, "Socket errors: connect 1, read 20, write 0, timeout 300");
    assert.deepEqual(parseWrk(text), { rate: 4498.79, p50: 1200, p99: 0.25, errors: 321 });
  });

  it("are read from h2load's log of requests", () => {
    const seen = parseH2load(output("h2load.log"), 2);
    assert.deepEqual(seen, { rate: 3, p50: 15.325, p99: 20, errors: 1 });
  });

  it("are read from dnsperf, and a name that is not known counts as an error", () => {
    const { rate, p50, errors } = parseDnsperf(output("dnsperf.txt"));
    assert.deepEqual([rate, p50, errors], [18_686.436274, 4.843, 9440]);
  });

  it("are read from iperf3", () => {
    assert.equal(parseIperf(output("iperf3.json")).rate, 4_126_558_796.176877);
  });

  it("are not taken from text that is not the tool's output", () => {
    for (const parse of [parseWrk, parseDnsperf, parseIperf]) {
      assert.throws(() => parse("unable to connect to 192.168.1.20:8080 Connection refused\n"));
    }
    assert.throws(() => parseH2load("", 2));
  });
});
