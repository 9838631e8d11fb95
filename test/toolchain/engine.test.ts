import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { z } from "zod";

import { ownEnv } from "../support/own-env";
import { installedToolchain } from "./installed";

const project = join(__dirname, "../..");

const deployment = z.object({
  deployment: z.object({
    resources: z.array(
      z.object({ type: z.string(), inputs: z.record(z.string(), z.unknown()).optional() }),
    ),
  }),
});

describe("the engine with its plugins", function () {
  this.timeout(120_000);
  let folder = "";

  const pulumi = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(
      join(project, "toolchain/pulumi"),
      [...args, "--non-interactive"],
      {
        cwd: folder,
        encoding: "utf8",
        env: {
          ...ownEnv(),
          PULUMI_BACKEND_URL: `file://${folder}/state`,
          PULUMI_CONFIG_PASSPHRASE: "of this test",
        },
      },
    );
    return { status, output: stdout + stderr };
  };
  const succeed = (...args: string[]) => {
    const { status, output } = pulumi(...args);
    assert.equal(status, 0, `pulumi ${args.join(" ")}:\n${output}`);
    return output;
  };

  before(function () {
    if (installedToolchain() === undefined) {
      console.log("      skipped: there is no toolchain yet; run toolchain/get.sh");
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), "toolchain-engine-"));
    cpSync(join(__dirname, "program"), folder, { recursive: true });
    for (const name of ["package.json", "tsconfig.json"]) {
      cpSync(join(project, name), join(folder, name));
    }
    symlinkSync(join(project, "node_modules"), join(folder, "node_modules"));
    mkdirSync(join(folder, "state"));
    succeed("stack", "init", "test");
    succeed("config", "set", "--secret", "word", "moin");
  });
  after(() => {
    if (folder !== "") rmSync(folder, { recursive: true });
  });

  it("makes a command and a dynamic resource, and then finds nothing to change", () => {
    const output = succeed("up", "--yes", "--skip-preview");
    assert.match(output, /command:local:Command echo .*shown/);
    assert.equal(succeed("stack", "output", "said").trim(), "moin");
    assert.equal(succeed("stack", "output", "twice").trim(), "moinmoin");
    succeed("preview", "--refresh", "--expect-no-changes");
  });

  it("keeps a secret input out of the state", () => {
    const exported = deployment.parse(JSON.parse(succeed("stack", "export")));
    const command = exported.deployment.resources.find(
      ({ type }) => type === "command:local:Command",
    );
    const stdin = JSON.stringify(command?.inputs?.["stdin"]);
    assert.match(stdin, /ciphertext/);
    assert.doesNotMatch(stdin, /moin/);
  });

  it("checks Proxmox resources by the real provider's rules, without connecting", () => {
    succeed("config", "set", "bridge", "vmbr7");
    assert.match(succeed("preview"), /network.linux.*Bridge/);
    succeed("config", "set", "bridge", "much-too-long");
    const { status, output } = pulumi("preview");
    assert.notEqual(status, 0);
    assert.match(output, /no longer than 10 characters, got: much-too-long/);
  });

  it("takes everything away again", () => {
    succeed("config", "rm", "bridge");
    succeed("destroy", "--yes", "--skip-preview");
    const state = readFileSync(join(folder, "state/.pulumi/stacks/smoke/test.json"), "utf8");
    assert.doesNotMatch(state, /command:local:Command/);
  });
});
