import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { load } from "js-yaml";
import { z } from "zod";

import { startMemoryLab, type MemoryLab } from "../lab/support/memory-lab";
import { ProjectCopy, type Ended } from "./support/project";

const workflow = z.object({
  jobs: z.record(
    z.string(),
    z.object({
      env: z.record(z.string(), z.string()),
      steps: z.array(z.object({ run: z.string().optional(), if: z.string().optional() })),
    }),
  ),
});

/** What the forge puts in place of its expressions. */
const values: Readonly<Record<string, string>> = {
  "vars.STACK": "dev",
  "secrets.PULUMI_CONFIG_PASSPHRASE": "lab",
  "github.token": "TOKEN",
  "github.event.pull_request.number": "7",
};

describe("the workflow of pull requests, its steps run as they are written", function () {
  this.timeout(400_000);
  let memory: MemoryLab;
  let copy: ProjectCopy;

  before(async () => {
    memory = await startMemoryLab();
    copy = new ProjectCopy();
    await copy.useStack("examples/platinum-small.yaml", memory.port);
    // Stands for GitHub's own client: keeps the one comment that it is told to write.
    mkdirSync(join(copy.folder, "stubs"));
    copy.write("stubs/gh", '#!/bin/sh\necho "$@" >comment-call\ncat "$5" >comment\n');
    chmodSync(join(copy.folder, "stubs/gh"), 0o755);
  });
  after(async () => {
    copy.remove();
    await memory.lab.close();
  });

  /** Runs the steps as the runner does: after a failure only those that say `always()`. */
  async function runSteps(file: string): Promise<Ended> {
    const { jobs } = workflow.parse(load(copy.read(`.github/workflows/${file}`)));
    const [job] = Object.values(jobs);
    assert.ok(job);
    const env = Object.fromEntries(
      Object.entries({ ...job.env, PULL: "${{ github.event.pull_request.number }}" })
        .map(([name, text]) => [
          name,
          text.replace(/\$\{\{ ([\w.]+) \}\}/g, (_, key: string) => values[key] ?? ""),
        ])
        .filter(([, text]) => text !== ""),
    ) as Record<string, string>;
    env["PATH"] = `${join(copy.folder, "stubs")}:${process.env["PATH"] ?? ""}`;
    let code = 0;
    let output = "";
    for (const step of job.steps) {
      if (step.run === undefined || (code !== 0 && step.if !== "always()")) continue;
      const ended = await copy.run("bash", ["-e", "-c", step.run], env);
      code = code === 0 ? ended.code : code;
      output += ended.output;
    }
    return { code, output };
  }

  it("succeeds on a good plan and writes one comment that tells it", async () => {
    const { code, output } = await runSteps("preview.yml");
    assert.equal(code, 0, output);
    const comment = readFileSync(join(copy.folder, "comment"), "utf8");
    assert.match(comment, /^## Preview of `dev`: \d+ to create\n/);
    assert.match(comment, /^- App `web` is added: container 101 on pve1\.$/m);
    assert.match(comment, /^- Every policy holds\.$/m);
    assert.match(copy.read("comment-call"), /^pr comment 7 .*--edit-last --create-if-none/);
    assert.doesNotMatch(comment, /PRIVATE KEY|0b9bf2b6-6f2c/);
  });

  it("fails when a policy is broken, and the comment says which", async () => {
    copy.edit({
      file: "components/container.ts",
      from: "unprivileged: true",
      to: "unprivileged: false",
    });
    const { code, output } = await runSteps("preview.yml");
    assert.notEqual(code, 0, output);
    assert.match(copy.read("comment"), /^- ❌ \*\*unprivileged\*\* on `web`: .*Set it to true\.$/m);
  });
});
