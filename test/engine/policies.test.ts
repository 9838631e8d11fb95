import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { startMemoryLab, type MemoryLab } from "../lab/support/memory-lab";
import { policies } from "../../policies/list";
import { declared, placed, type Declared, type Placed } from "./support/violations";
import { ProjectCopy, type Ended, type StackFile } from "./support/project";

const another = "another-program";

describe("the policy pack, on the real engine", function () {
  this.timeout(240_000);
  let memory: MemoryLab;
  let copy: ProjectCopy;
  let stackFile: string;

  before(async () => {
    memory = await startMemoryLab();
    copy = new ProjectCopy();
    await copy.useStack("examples/platinum-small.yaml", memory.port);
    await copy.must("toolchain/pulumi", ["stack", "tag", "set", "production", "true"]);
    stackFile = copy.read("Pulumi.dev.yaml");
    cpSync(join(__dirname, another), join(copy.folder, another), { recursive: true });
    const { config } = parse(stackFile) as StackFile;
    const own = Object.entries(config).filter(([key]) => key.startsWith("proxmoxve:"));
    copy.write(`${another}/Pulumi.dev.yaml`, stringify({ config: Object.fromEntries(own) }));
    await copy.must("toolchain/pulumi", ["stack", "init", "dev", "--cwd", another]);
  });
  after(async () => {
    copy.remove();
    await memory.lab.close();
  });

  /** A preview of the declaration with edits, one after the other. */
  async function preview(edits: readonly Declared["breaks"][], config = {}): Promise<Ended> {
    const stack = parse(stackFile) as StackFile;
    const site = stack.config["proximity-lan:site"] as Parameters<Declared["breaks"]>[0];
    for (const edit of edits) edit(site);
    copy.write("Pulumi.dev.yaml", stringify(stack, { lineWidth: 0 }));
    copy.write("policies/config.json", JSON.stringify(config));
    return copy.preview("--policy-pack-config", "policies/config.json");
  }

  async function previewAnother(
    kind: Placed["kind"],
    pick: (one: Placed) => Placed["mended"],
  ): Promise<Ended> {
    const listed = placed.filter((one) => one.kind === kind);
    const resources = listed.map((one) => ({ ...one, inputs: pick(one) }));
    copy.write(`${another}/resources.json`, JSON.stringify(resources));
    const pack = ["--policy-pack", join(copy.folder, "policies", "launch")];
    return copy.run("toolchain/pulumi", ["preview", "--cwd", another, ...pack], {
      PULUMI_CONFIG_PASSPHRASE: "lab",
    });
  }

  function isReported(output: string, { policy, on, says }: Declared | Placed): void {
    const about = policies.find(({ name }) => name === policy);
    const start = `mandatory] [severity: ${about?.severity ?? ""}]  ${policy}  (`;
    const reported = output.split(/^ +- \[/m).filter((text) => text.startsWith(start));
    const told = reported.find((text) => text.includes(`${on})`) && says.test(text));
    assert.ok(told, output);
    assert.ok(told.includes(about?.description ?? "?"), told);
  }

  function holds({ code, output }: Ended): void {
    assert.equal(code, 0, output);
    assert.match(output, /Policies:\n +✅ proximity-lan@v/);
    assert.doesNotMatch(output, /can't run policy|\[(mandatory|advisory)\]|warning/);
  }

  it("finds nothing in a good plan", async () => {
    holds(await preview([]));
  });

  // All edits of a kind in one preview: each policy judges its own resource. A policy over the whole stack
  // is asked only if no resource was refused. With `fallback` the place of an app is unknown in a preview.
  for (const kind of ["resource", "stack", "fallback"] as const)
    describe(`with an edit of the declaration for each policy over a ${kind}`, () => {
      const edits = declared.filter((one) => one.kind === kind);
      const config = { "free-vmid": { reserved: ["9000-9999"] } };
      let output: string;

      before(async () => {
        const ended = await preview(
          edits.map(({ breaks }) => breaks),
          config,
        );
        assert.notEqual(ended.code, 0, ended.output);
        output = ended.output;
      });

      for (const edit of edits)
        it(`refuses ${edit.what} (${edit.policy})`, () => {
          isReported(output, edit);
        });

      it("accepts the smallest mend of each", async () => {
        holds(
          await preview(
            edits.flatMap(({ breaks, mends }) => [breaks, mends]),
            config,
          ),
        );
      });
    });

  for (const kind of ["resource", "stack"] as const)
    describe(`with another program, for what no declaration can express, over a ${kind}`, () => {
      let output: string;

      before(async () => {
        const ended = await previewAnother(kind, ({ broken }) => broken);
        assert.notEqual(ended.code, 0, ended.output);
        output = ended.output;
      });

      for (const one of placed.filter((other) => other.kind === kind))
        it(`refuses ${one.what} (${one.policy})`, () => {
          isReported(output, one);
        });

      it("accepts the smallest mend of each", async () => {
        holds(await previewAnother(kind, ({ mended }) => mended));
      });
    });

  it("is configured policy by policy: advisory reports and continues, disabled is silent", async () => {
    const open = declared.filter(({ policy }) => policy === "closed-firewall");
    const config = { "closed-firewall": "advisory", "free-vmid": { enforcementLevel: "disabled" } };
    const { code, output } = await preview(
      [...open.map(({ breaks }) => breaks), (site) => (site.apps["web"] = { vmid: 9000 })],
      config,
    );
    assert.equal(code, 0, output);
    assert.match(output, /\[advisory\] \[severity: high\] {2}closed-firewall {2}\(/);
    assert.doesNotMatch(output, /free-vmid|\[mandatory\]/);
  });

  it("has a violation for every policy", () => {
    const tried = [...declared, ...placed].map(({ policy }) => policy);
    assert.deepEqual(
      policies.map(({ name }) => name).filter((name) => !tried.includes(name)),
      [],
    );
  });
});
