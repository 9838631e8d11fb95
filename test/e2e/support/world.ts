/** The lab and the copy of the project that all end-to-end specs of one run share. */
import assert from "node:assert/strict";

import { Checkout, type Result } from "./checkout";

let shared: Checkout | undefined;
let initial = "";

/** The copy; made before the first spec, gone after the last. */
export function checkout(): Checkout {
  assert.ok(shared, "the world is not up");
  return shared;
}

/** Boots a lab of its own before all specs and takes it down after them. */
export const mochaHooks = {
  beforeAll(this: Mocha.Context): void {
    this.timeout(1_200_000);
    shared = new Checkout();
    shared.must("lab/lab", ["down"]);
    shared.must("lab/lab", ["up"]);
    initial = nodeState();
  },
  afterAll(this: Mocha.Context): void {
    this.timeout(120_000);
    if (process.env["KEEP_LAB"] !== undefined) return;
    shared?.must("make", ["down"]);
    shared?.remove();
  },
};

/** The node as it was before anything was declared. */
export function initialState(): string {
  return initial;
}

/** Changes the declared site as an editor would. */
export function site(change: (site: Record<string, unknown>) => void): void {
  checkout().edit(({ config }) => {
    change(config["proximity-lan:site"]);
  });
}

/** Runs a shell text on a host of the lab: node, router, client, outside. */
export function on(host: string, script: string): Result {
  return checkout().run("lab/lab", ["exec", host, "sh", "-s"], script);
}

/** The same, which must succeed; its stdout without the last newline. */
export function mustOn(host: string, script: string): string {
  const { code, stdout, stderr } = on(host, script);
  assert.equal(code, 0, `${host}: ${script}\n${stdout}\n${stderr}`);
  return stdout.trimEnd();
}

/** Runs a shell text inside a guest of the node. */
export function inside(vmid: number, script: string): Result {
  return checkout().run(
    "lab/lab",
    ["exec", "pve1", "pct", "exec", String(vmid), "--", "sh", "-s"],
    script,
  );
}

/** The same, which must succeed. */
export function mustInside(vmid: number, script: string): string {
  const { code, stdout, stderr } = inside(vmid, script);
  assert.equal(code, 0, `guest ${vmid}: ${script}\n${stdout}\n${stderr}`);
  return stdout.trimEnd();
}

/** VMIDs of the node's guests, with a blank between them. */
export function guests(): string {
  return mustOn("pve1", "pct list | awk 'NR > 1 { print $1 }' | xargs");
}

/** IPv4 address that a guest itself sees on an interface. */
export function addressOf(vmid: number, nic = "eth0"): string {
  return mustInside(vmid, `ip -4 -o addr show ${nic} | awk '{ sub("/.*", "", $4); print $4 }'`);
}

/** HTTP status and body of a GET by curl on a host; status 000 when nothing answered. */
export function get(host: string, url: string, ...flags: readonly string[]) {
  const words = ["curl", "-sS", "-k", "-m", "5", "-w", "'\\n%{http_code}'", ...flags, `'${url}'`];
  const { stdout } = on(host, words.join(" "));
  const lines = stdout.split("\n");
  return { status: lines.at(-1) ?? "", body: lines.slice(0, -1).join("\n") };
}

/** One app as the stack's outputs tell it. */
export interface AppOutput {
  readonly vmid: number;
  readonly address: string;
  readonly dnsName: string;
  readonly mac: string;
  readonly url: string;
  readonly listening: boolean;
}

/** The stack's outputs. */
export interface Outputs {
  readonly mode: string;
  readonly consoleUrl: string;
  readonly statusUrl?: string | null;
  readonly dhcp?: {
    readonly total: number;
    readonly free: number;
    readonly leases: Readonly<Record<string, string>>;
  };
  readonly forwards?: Readonly<Record<string, unknown>>;
  readonly appliance: {
    readonly vmid: number;
    readonly wanAddress: string;
    readonly lanAddress: string;
  };
  readonly apps: Readonly<Record<string, AppOutput>>;
}

/** What `make outputs` prints. */
export function outputs(): Outputs {
  return JSON.parse(checkout().must("make", ["-s", "outputs"])) as Outputs;
}

/** Everything on the node that a person could find changed: files, links, guests, rules. */
export function nodeState(): string {
  return mustOn(
    "pve1",
    `set -eu
    find / /etc/pve -xdev \\( -path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /var/log -o -path /var/cache \\) -prune -o -type f -print0 |
      sort -z | xargs -0 sha256sum
    find /etc /var/lib -xdev -type d | sort
    ip -o link show | sed 's/^[0-9]*: //; s/@.*//; s/:.*//' | sort
    ip -o address show | awk '{ print $2, $3, $4 }' | sort
    ip route show
    nft list ruleset
    pct list
    find /etc/pve /var/lib/vz -type f | sort`,
  );
}
