/** Clients on the LAN that ask for a page at a steady rate while something is done. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Runs a shell text on the client's host; its stdout. */
type Run = (script: string) => string;

/** What is asked for, and how often in a second. */
export interface Load {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly rate: number;
}

/** What came of it. */
export interface Asked {
  readonly asked: number;
  readonly seconds: number;
  /** Requests without a whole answer 200 within 5 s. */
  readonly lost: number;
  /** Each kind of failure, `NUMBER WORDS`. */
  readonly reasons: readonly string[];
}

/** Starts to ask, each time by a connection of its own (net/load.pl). */
export function startLoad(run: Run, { host, port, path, rate }: Load): void {
  const perl = readFileSync(join(__dirname, "net", "load.pl"), "utf8");
  run(`rm -f /tmp/stop /tmp/said
    cat >/tmp/load.pl <<'PERL'
${perl}PERL
    (perl /tmp/load.pl ${host} ${port} ${path} ${rate} /tmp/stop >/tmp/said 2>&1) >/dev/null 2>&1 </dev/null &`);
}

/** Ends it; throws when the client could not ask at all. */
export function endLoad(run: Run): Asked {
  const said = run(
    "touch /tmp/stop; n=0; until [ -s /tmp/said ]; do n=$((n + 1)); [ $n -lt 100 ] || exit 1; sleep 0.1; done; cat /tmp/said",
  );
  const [first = "", ...reasons] = said.split("\n").filter(Boolean);
  const [asked = NaN, seconds = NaN] = first.split(" ").map(Number);
  const lost = reasons.reduce((sum, line) => sum + Number(/^\d+/.exec(line)?.[0] ?? NaN), 0);
  if (!(asked > 0 && seconds > 0 && lost >= 0))
    throw new Error(`the client of the proxy could not ask: ${said}`);
  return { asked, seconds, lost, reasons };
}
