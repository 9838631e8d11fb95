import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { startMemoryLab, type MemoryLab } from "../lab/support/memory-lab";
import { ProjectCopy, type StackFile } from "./support/project";

interface Result {
  readonly name: string;
  readonly verdict: string;
  readonly seen: string;
}

const page = 'proximity-lan:site.apps.notes.files["/srv/notes/index.html"].content';

describe("a stack whose configuration is encrypted, for the commands", function () {
  this.timeout(240_000);
  let memory: MemoryLab;
  let copy: ProjectCopy;

  before(async () => {
    memory = await startMemoryLab();
    copy = new ProjectCopy();
    await copy.useStack("examples/platinum-small.yaml", memory.port);
    const asked = ["config", "--show-secrets", "--json", "--stack", "dev"];
    copy.write("answer.json", await copy.must("toolchain/pulumi", asked));
    const dev = parse(copy.read("Pulumi.dev.yaml")) as StackFile;
    const { "proxmoxve:apiToken": token, ...config } = dev.config;
    // The memory lab has no SSH, and no request may reach this machine's own LAN.
    const site = config["proximity-lan:site"] as { node: { ssh: Record<string, unknown> } };
    Object.assign(site.node.ssh, { host: "127.0.0.1", port: 9 });
    copy.write("Pulumi.home.yaml", stringify({ config }, { lineWidth: 0 }));
    await copy.must("toolchain/pulumi", ["stack", "init", "--stack", "home"]);
    const set = ["config", "set", "--stack", "home", "--secret"];
    await copy.must("toolchain/pulumi", [...set, "proxmoxve:apiToken", String(token)]);
    await copy.must("toolchain/pulumi", [...set, "--path", page, "kept to myself"]);
    assert.doesNotMatch(copy.read("Pulumi.home.yaml"), /kept to myself|pulumi@pve!lab/);
  });
  after(async () => {
    copy.remove();
    await memory.lab.close();
  });

  /** The results of a command's checks, by their names. */
  async function results(command: string, ...flags: readonly string[]) {
    const { output } = await copy.run("tsx", [
      `commands/${command}.ts`,
      "home",
      "--json",
      ...flags,
    ]);
    const list = JSON.parse(output.slice(output.indexOf("[\n"))) as readonly Result[];
    return new Map(list.map((result) => [result.name, `${result.verdict} ${result.seen}`]));
  }

  it("is read with its secrets, also inside the site", async () => {
    const found = await results("doctor");
    assert.match(found.get("declaration's size") ?? "", /^ok /, [...found].join("\n"));
    assert.match(found.get("Proxmox API") ?? "", /^ok .* is Proxmox VE/);
    assert.match(found.get("token's privileges") ?? "", /^ok /);
  });

  it("is previewed from nothing by the checklist", async () => {
    const [line = ""] = [...(await results("verify", "--only", "13")).values()];
    assert.match(line, /^ok from an empty state, bridge, appliance and 2 apps would be made/);
  });

  it("is read once the state is lost too, for the clean-up", async () => {
    rmSync(join(copy.folder, ".state"), { recursive: true });
    const found = await results("doctor");
    assert.match(found.get("declaration's size") ?? "", /^ok /, [...found].join("\n"));
    assert.match(found.get("token's privileges") ?? "", /^ok /);
    const { code, output } = await copy.run("tsx", ["commands/cleanup.ts", "home"]);
    // As far as the node, and no further.
    assert.equal(code, 2);
    assert.match(output, /^cleanup: Unable to reach root@127\.0\.0\.1:9 by SSH/m);
  });

  it("says what is missing where neither stack nor file is there", async () => {
    const { code, output } = await copy.run("tsx", ["commands/status.ts", "hone"]);
    assert.equal(code, 2);
    assert.match(output, /^status: there is no stack hone and no Pulumi\.hone\.yaml\./m);
  });

  it("is what Pulumi says it is, wherever it comes from", async () => {
    // A pulumi that is logged in, and gets the whole configuration from an environment.
    copy.write("Pulumi.home.yaml", "environment:\n  - lan\n");
    mkdirSync(join(copy.folder, "own"));
    const versions = parse(copy.read("package.json")) as { dependencies: Record<string, string> };
    for (const [name, npm] of [
      ["command", "@pulumi/command"],
      ["proxmoxve", "@muhlba91/pulumi-proxmoxve"],
    ] as const)
      mkdirSync(
        join(copy.folder, "home/plugins", `resource-${name}-v${versions.dependencies[npm] ?? ""}`),
        { recursive: true },
      );
    copy.writeProgram(
      "own/pulumi",
      `#!/bin/sh\ncase $1 in version) echo v3.300.0 ;; *) cat "$HOME/../answer.json" ;; esac\n`,
    );
    const env = {
      HOME: join(copy.folder, "home"),
      PULUMI_HOME: join(copy.folder, "home"),
      PULUMI_ACCESS_TOKEN: "pul-1",
      PATH: `${join(copy.folder, "own")}:${process.env["PATH"] ?? ""}`,
    };
    const { output } = await copy.run("tsx", ["commands/doctor.ts", "home", "--json"], env);
    assert.match(output, /"name": "token's privileges",\s*"verdict": "ok"/);
  });
});
