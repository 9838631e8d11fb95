import assert from "node:assert/strict";

import { parse, stringify } from "yaml";

import { memorySite, WATCHED, type MemorySite } from "../bench/support/memory-site";
import type { StackFile } from "./support/project";

/** More by `make soak`. */
const steps = process.env["SOAK"] === undefined ? 12 : 500;
const seed = Number(process.env["SEED"] ?? 1);

const folder = "/etc/pve/nodes/pve1/lxc";
const file = "Pulumi.dev.yaml";

type Entry = Record<string, unknown> & { vmid: number };
interface SiteData {
  storage?: string;
  apps: Record<string, Entry>;
  guests: Record<string, Entry>;
  removed: Record<string, number>;
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function randomOf(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

describe("edits and refreshes in any order", function () {
  this.timeout((steps + 10) * 120_000);
  const random = randomOf(seed);
  const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)];
  let site: MemorySite;
  let next = 300;

  before(async () => {
    site = await memorySite(3);
    site.copy.write(file, site.copy.read(WATCHED));
  });
  after(() => site.remove());

  const readStack = () => parse(site.copy.read(file)) as StackFile;
  function edit(change: (data: SiteData) => void): void {
    const stack = readStack();
    const data = stack.config["proximity-lan:site"] as Partial<SiteData>;
    const whole: SiteData = { apps: {}, guests: {}, removed: {}, ...data };
    change(whole);
    stack.config["proximity-lan:site"] = whole;
    site.copy.write(file, stringify(stack, { lineWidth: 0 }));
  }

  const conf = (vmid: number) => site.backend.readFile("pve1", `${folder}/${vmid}.conf`);
  const write = (vmid: number, text: string) =>
    site.backend.writeFile("pve1", `${folder}/${vmid}.conf`, text);

  /** By VMID, what only the disk of this one container can be: its first words and its volume. */
  async function disks(): Promise<ReadonlyMap<number, { readonly id: string; name: string }>> {
    const names = await site.backend.listFiles("pve1", folder);
    const found = names.map(async (name) => {
      const vmid = Number(name.replace(".conf", ""));
      const text = (await conf(vmid)) ?? "";
      const [created = ""] = /Created at \S+/.exec(text) ?? [];
      const [hostname = ""] = /^hostname: .*/m.exec(text) ?? [];
      return [vmid, { id: created, name: hostname.slice("hostname: ".length) }] as const;
    });
    return new Map(await Promise.all(found));
  }

  /** Edits that people make; each takes the name of an app that is there, or does nothing. */
  const edits: Readonly<Record<string, (data: SiteData, name: string, app: Entry) => void>> = {
    "an app is added": ({ apps }) => {
      const vmid = (next += 1);
      apps[`app-${vmid}`] = { vmid };
    },
    "an app is taken out": ({ apps }, name) => Reflect.deleteProperty(apps, name),
    "an app is taken out and named": ({ apps, removed }, name, { vmid }) => {
      Reflect.deleteProperty(apps, name);
      removed[name] = vmid;
    },
    "an app is renamed": ({ apps }, name, app) => {
      Reflect.deleteProperty(apps, name);
      apps[`new-${(next += 1)}`] = app;
    },
    "an app gets another VMID": (_, __, app) => (app.vmid = next += 1),
    "an app becomes a guest": ({ apps, guests }, name, { vmid }) => {
      Reflect.deleteProperty(apps, name);
      guests[name] = { vmid };
    },
    "a guest becomes an app": ({ apps, guests }) => {
      const name = pick(Object.keys(guests));
      if (name === undefined) return;
      apps[name] = { vmid: guests[name]?.vmid ?? 0 };
      Reflect.deleteProperty(guests, name);
    },
    "two apps exchange their VMIDs": ({ apps }, name, app) => {
      const other = apps[pick(Object.keys(apps)) ?? name] ?? app;
      [app.vmid, other.vmid] = [other.vmid, app.vmid];
    },
    "an app moves": (_, __, app) =>
      (app["network"] = app["network"] === "direct" ? "platinum" : "direct"),
    "an app gets more memory": (_, __, app) => (app["memory"] = 256 + 64 * Math.ceil(random() * 9)),
    "an app gets another disk": (_, __, app) => (app["disk"] = Math.ceil(random() * 9)),
    "the storage changes": (data) =>
      (data.storage = data.storage === "local" ? "local-lvm" : "local"),
  };

  /** What people do on the node to a container; its disk is theirs to destroy. */
  const byHand: Readonly<Record<string, (vmid: number, text: string) => Promise<unknown>>> = {
    "a mount point is added": (vmid, text) => write(vmid, `mp0: /srv,mp=/srv\n${text}`),
    "a feature is added": (vmid, text) =>
      write(vmid, text.replace("nesting=1", "keyctl=1,nesting=1")),
    "the memory is changed": (vmid, text) =>
      write(vmid, text.replace(/^memory: .*/m, "memory: 333")),
    "the tags are lost": (vmid, text) => write(vmid, text.replace(/^tags: .*\n/m, "")),
    "a backup locks it": (vmid, text) => write(vmid, `lock: backup\n${text}`),
    "no backup locks it": (vmid, text) => write(vmid, text.replace(/^lock: .*\n/m, "")),
    "somebody else gets its VMID": (vmid) =>
      write(vmid, `hostname: stranger\nmemory: 64\nrootfs: local-lvm:vm-${vmid}-disk-9,size=1G\n`),
  };

  async function change(): Promise<{ readonly what: string; readonly touched?: number }> {
    const vmid = pick([...(await disks()).keys()].filter((one) => one !== 100));
    const hand = pick(Object.entries(byHand));
    if (random() < 0.3 && vmid !== undefined && hand !== undefined) {
      await hand[1](vmid, (await conf(vmid)) ?? "");
      return { what: `${hand[0]}: ${vmid}`, touched: vmid };
    }
    const [what, apply] = pick(Object.entries(edits)) ?? assert.fail();
    edit((data) => {
      const name = pick(Object.keys(data.apps));
      const app = name === undefined ? undefined : data.apps[name];
      if (name !== undefined && app !== undefined) apply(data, name, app);
    });
    return { what };
  }

  it(`destroy no disk that was not named, in ${steps} steps from the seed ${seed}`, async () => {
    const story: string[] = [];
    let good = site.copy.read(file);
    for (let step = 0; step < steps; step++) {
      const { what } = await change();
      const before = await disks();
      const flags = random() < 0.5 ? ["--refresh"] : [];
      const args = [
        "up",
        "--yes",
        "--skip-preview",
        ...flags,
        "--stack",
        "dev",
        "--non-interactive",
      ];
      const { code, output } = await site.copy.run("toolchain/pulumi", args);
      story.push(`${what}; up ${flags.join(" ")} ended with ${code}`);
      const told = `${story.join("\n")}\n${output}`;
      assert.doesNotMatch(output, /TypeError|unhandled|panic:/i, told);
      const { removed = {} } = readStack().config["proximity-lan:site"] as Partial<SiteData>;
      const after = await disks();
      for (const [vmid, { id, name }] of before)
        if (after.get(vmid)?.id !== id)
          assert.ok(vmid === 100 || removed[name] === vmid, `${vmid} (${name}) is lost:\n${told}`);
      if (code === 0) good = site.copy.read(file);
      else if (random() < 0.6) site.copy.write(file, good);
    }
  });
});
