import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { installedToolchain } from "./installed";
import { SmokeProject } from "./project";

const deployment = z.object({
  deployment: z.object({
    resources: z.array(
      z.object({ type: z.string(), inputs: z.record(z.string(), z.unknown()).optional() }),
    ),
  }),
});

describe("the engine with its plugins", function () {
  this.timeout(120_000);
  let project: SmokeProject | undefined;
  const pulumi = (...args: string[]) => (project ?? assert.fail()).pulumi(...args);
  const succeed = (...args: string[]) => (project ?? assert.fail()).succeed(...args);

  before(async function () {
    if (installedToolchain() === undefined) {
      console.log("      skipped: there is no toolchain yet; run toolchain/get.sh");
      this.skip();
    }
    project = new SmokeProject();
    await project.init();
  });
  after(() => project?.remove());

  it("makes a command and a dynamic resource, and then finds nothing to change", async () => {
    const output = await succeed("up", "--yes", "--skip-preview");
    assert.match(output, /command:local:Command echo .*shown/);
    assert.equal((await succeed("stack", "output", "said")).trim(), "moin");
    assert.equal((await succeed("stack", "output", "twice")).trim(), "moinmoin");
    await succeed("preview", "--refresh", "--expect-no-changes");
  });

  it("keeps a secret input out of the state", async () => {
    const exported = deployment.parse(JSON.parse(await succeed("stack", "export")));
    const command = exported.deployment.resources.find(
      ({ type }) => type === "command:local:Command",
    );
    const stdin = JSON.stringify(command?.inputs?.["stdin"]);
    assert.match(stdin, /ciphertext/);
    assert.doesNotMatch(stdin, /moin/);
  });

  it("checks Proxmox resources by the real provider's rules, without connecting", async () => {
    await succeed("config", "set", "bridge", "vmbr7");
    assert.match(await succeed("preview"), /network.linux.*Bridge/);
    await succeed("config", "set", "bridge", "much-too-long");
    const { code, output } = await pulumi("preview");
    assert.notEqual(code, 0);
    assert.match(output, /no longer than 10 characters, got: much-too-long/);
  });

  it("takes everything away again", async () => {
    await succeed("config", "rm", "bridge");
    await succeed("destroy", "--yes", "--skip-preview");
    const state = readFileSync(
      join(project?.folder ?? "", "state/.pulumi/stacks/smoke/test.json"),
      "utf8",
    );
    assert.doesNotMatch(state, /command:local:Command/);
  });
});
