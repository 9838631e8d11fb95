/**
 * How long the lab's own work takes, over its real world. Each figure is shown next to a reference that was
 * measured in the same run, since a busy machine makes everything slow.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";

import { throwawayTls } from "../../lab/server/tls";
import { waitFor } from "../../lab/world/wait";
import { TEMPLATE, TestLab } from "../lab-world/support/labs";
import { Client, FULL_TOKEN } from "../lab/support/client";
import { load, machine, QUIET_LOAD } from "./support/machine";
import type { Section } from "./support/report";

/** One line of the report; times in milliseconds, the ratio is of the medians. */
interface Row {
  readonly what: string;
  readonly runs: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
  readonly reference: string;
  readonly referenceMedian: number;
  readonly ratio: number;
}

const READS = 200;
const GUESTS = 5;

async function times(runs: number, work: (run: number) => Promise<void>): Promise<number[]> {
  const took: number[] = [];
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    await work(run);
    took.push(performance.now() - started);
  }
  return took.sort((a, b) => a - b);
}

const middle = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)] ?? 0;
const round = (ms: number): number => Math.round(ms * 100) / 100;

function row(
  what: string,
  sorted: readonly number[],
  [reference, other]: readonly [string, readonly number[]],
): Row {
  const [median, referenceMedian] = [middle(sorted), middle(other)];
  return {
    what,
    runs: sorted.length,
    min: round(sorted[0] ?? 0),
    median: round(median),
    max: round(sorted.at(-1) ?? 0),
    reference,
    referenceMedian: round(referenceMedian),
    ratio: round(median / referenceMedian),
  };
}

/** Reads a URL to its end over the agent's connection. */
const read = (url: string, agent: https.Agent): Promise<void> =>
  new Promise((resolve, reject) => {
    const headers = { authorization: FULL_TOKEN };
    https
      .get(url, { agent, headers }, (response) => {
        if (response.statusCode !== 200) {
          reject(new Error(`${url}: ${response.statusCode ?? ""}`));
        }
        response.resume().once("end", resolve);
      })
      .once("error", reject);
  });

/** The quickest answer that Node itself can give over TLS: the reference for reads. */
async function bareServer(): Promise<{ readonly url: string; readonly close: () => void }> {
  const server = https.createServer(throwawayTls(), (_request, response) => {
    response.end('{"data":null}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { url: `https://127.0.0.1:${port}/`, close: () => server.close() };
}

async function readRows(api: string): Promise<Row[]> {
  const kept = new https.Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  const bare = await bareServer();
  const paths = [
    "/version",
    "/nodes",
    "/nodes/pve1/network",
    "/nodes/pve1/lxc/100/config",
    "/nodes/pve1/lxc/100/status/current",
    "/nodes/pve1/lxc/100/interfaces",
    "/nodes/pve1/storage/local-lvm/content",
    "/cluster/resources",
  ];
  const rows: Row[] = [];
  for (const below of paths) {
    const url = `${api}/api2/json${below}`;
    await times(10, () => read(url, kept));
    const reference = await times(READS, () => read(bare.url, kept));
    const took = await times(READS, () => read(url, kept));
    rows.push(row(`GET ${below}`, took, ["an empty answer of Node over TLS", reference]));
  }
  kept.destroy();
  bare.close();
  return rows;
}

/** What a disk of this size costs at least: the reference for creations. */
function makeDisk(): void {
  const folder = mkdtempSync(path.join(tmpdir(), "bench-disk-"));
  const script = 'truncate --size 4G "$0" && mkfs.ext4 -q -m 0 "$0"';
  const { status } = spawnSync("sh", ["-c", script, path.join(folder, "disk")]);
  rmSync(folder, { recursive: true });
  if (status !== 0) throw new Error(`mkfs.ext4 ended with ${status ?? "a signal"}`);
}

const guest = (vmid: number) => ({
  vmid: String(vmid),
  ostemplate: TEMPLATE,
  storage: "local-lvm",
  hostname: `bench${vmid}`,
  unprivileged: "1",
  features: "nesting=1",
  net0: "name=eth0,bridge=vmbr0,ip=dhcp",
  start: "1",
});

async function create(client: Client, vmid: number): Promise<void> {
  const end = await client.run("POST", "/nodes/pve1/lxc", guest(vmid));
  if (end !== "OK") throw new Error(end);
}

/** Waits for the guest's own boot to end, which would be measured with the reads. */
const settled = (lab: TestLab, vmid: number): Promise<void> =>
  waitFor(`guest ${vmid} to be up`, 60_000, () =>
    /^(running|degraded)/.test(
      lab.on("pve1", "pct", "exec", String(vmid), "systemctl", "is-system-running").stdout,
    ),
  );

async function createRow(client: Client): Promise<Row> {
  const reference = await times(GUESTS, async () => {
    makeDisk();
    return Promise.resolve();
  });
  const took = await times(GUESTS, (run) => create(client, 101 + run));
  const what = "create and start of a container, from the call to its task's end";
  return row(what, took, ["truncate and mkfs.ext4 of a disk of 4 GiB", reference]);
}

const LIMITS = { read: 5, create: 1500 };

/** Measures; the number of rounds is its own, since what it times is short. */
export async function labWork(_rounds: number, progress: (line: string) => void): Promise<Section> {
  const before = load();
  const lab = new TestLab("bench", 23400);
  try {
    progress("bringing up a lab");
    lab.up();
    const { api } = lab.status();
    const client = new Client(api);
    await create(client, 100);
    await settled(lab, 100);
    progress("reading and creating");
    return section(await readRows(api), await createRow(client), before);
  } finally {
    lab.end();
  }
}

function section(reads: readonly Row[], made: Row, before: number): Section {
  const slowest = Math.max(...reads.map(({ median }) => median));
  const aim = (what: string, limit: number, median: number) => ({
    what,
    target: `${limit} ms`,
    measured: `${median} ms`,
    met: median <= limit,
  });
  return {
    name: "lab",
    title: "The lab's own work",
    text: "The stand-in for Proxmox, over real containers; a part of what every test takes.",
    when: new Date().toISOString().slice(0, 10),
    machine: machine(),
    doubts: before > QUIET_LOAD ? [`the machine had a load of ${before.toFixed(1)} before.`] : [],
    targets: [
      aim("the slowest read of the API, its median", LIMITS.read, slowest),
      aim("create and start of a container, median", LIMITS.create, made.median),
    ],
    tables: [
      {
        title: "Milliseconds, next to a reference in the same run",
        columns: ["", "times", "middle (range)", "reference", "its middle", "ratio"],
        rows: [...reads, made].map((entry) => [
          entry.what,
          String(entry.runs),
          `${entry.median} (${entry.min} to ${entry.max})`,
          entry.reference,
          String(entry.referenceMedian),
          String(entry.ratio),
        ]),
      },
    ],
    charts: [],
    notes: [],
  };
}
