import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { memorySite, WATCHED, type MemorySite } from "../bench/support/memory-site";
import type { StackFile } from "../engine/support/project";

/** How many points are tried, spread over all of them; `make soak` takes them all. */
const wanted = process.env["SOAK"] === undefined ? 20 : Infinity;

const folder = "/etc/pve/nodes/pve1/lxc";
const file = "Pulumi.dev.yaml";

/** What is declared in turn: the second changes something of every kind. */
const sites = {
  first: {
    apps: { wiki: { vmid: 201 }, mail: { vmid: 202 }, notes: { vmid: 203 } },
    removed: { shop: 204 },
  },
  second: {
    apps: {
      wiki: { vmid: 201, memory: 640, disk: 6, cores: 2, port: 8000 },
      post: { vmid: 202, network: "direct" },
      shop: { vmid: 204, files: { "/etc/shop": { content: "open\n" } } },
    },
    removed: { notes: 203 },
  },
} as const;

const phases = [
  ["a fresh site", "up", "first"],
  ["an update", "up", "second"],
  ["an update back", "up", "first"],
  ["a destroy", "destroy", undefined],
] as const;

describe("Pulumi killed at any call that changes the node", function () {
  this.timeout((wanted === 20 ? 1 : 24) * 3_600_000);
  let site: MemorySite;
  let calls = 0;
  let target = Infinity;
  /** The node after each phase. */
  const references = new Map<string, string>();

  before(async () => {
    site = await memorySite(1, () => {
      calls += 1;
      if (calls === target) kill();
    });
    site.copy.write(file, site.copy.read(WATCHED));
    await must("destroy");
  });
  after(() => site.remove());

  const lockFolder = () =>
    join(site.copy.folder, ".state/.pulumi/locks/organization/proximity-lan/dev");
  const locks = () =>
    existsSync(lockFolder())
      ? readdirSync(lockFolder()).filter((name) => name.endsWith(".json"))
      : [];

  /** Pulumi alone, as when memory runs out: its plugins stay. */
  function kill(): void {
    const [name = assert.fail("nobody holds the lock")] = locks();
    const { pid } = JSON.parse(readFileSync(join(lockFolder(), name), "utf8")) as { pid: number };
    process.kill(pid, "SIGKILL");
  }

  const command = (verb: "up" | "destroy" | "recover") =>
    site.copy.run("node_modules/.bin/tsx", [`commands/${verb}.ts`, "dev"]);
  async function must(verb: "up" | "destroy" | "recover"): Promise<void> {
    const { code, output } = await command(verb);
    assert.equal(code, 0, `${verb} ended with ${code}:\n${output}`);
  }

  function declare(which: keyof typeof sites): void {
    const stack = parse(site.copy.read(file)) as StackFile;
    const data = stack.config["proximity-lan:site"] as Record<string, unknown>;
    stack.config["proximity-lan:site"] = { ...data, ...sites[which] };
    site.copy.write(file, stringify(stack, { lineWidth: 0 }));
  }

  /** Every container and volume of the node, but for the times of creation. */
  async function node(): Promise<string> {
    const names = [...(await site.backend.listFiles("pve1", folder))].sort();
    const confs = names.map(async (name) => {
      const text = (await site.backend.readFile("pve1", `${folder}/${name}`)) ?? "";
      return `== ${name}\n${text.replace(/Created at \S+/, "")}`;
    });
    const volumes = await site.backend.volumes("pve1", "local-lvm");
    return [...(await Promise.all(confs)), ...volumes.map(({ volid }) => volid).sort()].join("\n");
  }

  /** Plugins that work in the copy and have outlived their Pulumi. */
  const plugins = () =>
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => {
        try {
          const program = readlinkSync(`/proc/${pid}/exe`).split("/").at(-1) ?? "";
          const place = readlinkSync(`/proc/${pid}/cwd`);
          return place === site.copy.folder && program.startsWith("pulumi") ? [program] : [];
        } catch {
          return []; // Gone meanwhile.
        }
      });

  async function converged(what: string, phase: string): Promise<void> {
    assert.equal(await node(), references.get(phase), what);
    assert.deepEqual(locks(), [], what);
    assert.deepEqual(plugins(), [], what);
    if (phase === "a destroy") return;
    const args = ["preview", "--refresh", "--expect-no-changes", "--non-interactive"];
    const { code, output } = await site.copy.run("toolchain/pulumi", [...args, "--stack", "dev"]);
    assert.equal(code, 0, `${what}\n${output}`);
  }

  const counts: number[] = [];

  it("is known, without a kill, by what it makes of the node", async () => {
    for (const [name, verb, which] of phases) {
      if (which !== undefined) declare(which);
      calls = 0;
      await must(verb);
      counts.push(calls);
      references.set(name, await node());
    }
    assert.equal(references.get("a destroy"), "");
  });

  it("ends as declared after make recover and make up, or make destroy", async () => {
    assert.equal(counts.length, phases.length);
    const rounds = Math.min(Math.ceil(wanted / phases.length), Math.max(...counts));
    for (let round = 0; round < rounds; round++)
      for (const [at, [name, verb, which]] of phases.entries()) {
        const count = counts[at] ?? 1;
        if (which !== undefined) declare(which);
        calls = 0;
        // The middle of each part, so that a small sample is spread; each call once where all are taken.
        target = 1 + Math.min(count - 1, Math.floor(((round + 0.5) * count) / rounds));
        const what = `${name}, killed at call ${target} of ${count}`;
        const killed = await command(verb);
        const met = calls >= target;
        target = Infinity;
        assert.ok(met && killed.code !== 0, `${what}:\n${killed.output}`);
        await must("recover");
        await must(verb);
        await converged(what, name);
      }
  });
});
