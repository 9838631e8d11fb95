import assert from "node:assert/strict";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";

import { parse, stringify } from "yaml";
import { z } from "zod";

import { startMemoryLab, type MemoryLab } from "../lab/support/memory-lab";
import { ProjectCopy, type Ended, type StackFile } from "./support/project";

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

/** Of `examples/ci/gitlab-ci.yml`, the jobs. */
const gitlab = z.object({
  preview: z.object({ script: z.array(z.string()), after_script: z.array(z.string()) }),
  up: z.object({ script: z.array(z.string()) }),
});

/** The steps, one shell text each, and which of them run after a failure too. */
type Steps = readonly { readonly run?: string | undefined; readonly if?: string | undefined }[];

describe("what a forge runs, its steps run as they are written", function () {
  this.timeout(400_000);
  let memory: MemoryLab;
  let copy: ProjectCopy;

  before(async () => {
    memory = await startMemoryLab();
    copy = new ProjectCopy();
    await copy.useStack("examples/platinum-small.yaml", memory.port);
    // Stand for the clients of GitHub and GitLab: keep the one comment that they are told to write.
    mkdirSync(join(copy.folder, "stubs"));
    stub("gh", 'echo "$@" >comment-call\ncat "$5" >comment\n');
    stub("curl", 'echo "$@" >comment-call\ncat preview.md >comment\n');
    // A stack on a node of somebody's own, without an app: the memory lab has no SSH to set one up by.
    const dev = parse(copy.read("Pulumi.dev.yaml")) as StackFile;
    const site = { ...(dev.config["proximity-lan:site"] as object), apps: {} };
    const config = { ...dev.config, "proximity-lan:site": site };
    copy.write("Pulumi.home.yaml", stringify({ ...dev, config }, { lineWidth: 0 }));
  });
  after(async () => {
    copy.remove();
    await memory.lab.close();
  });

  function stub(name: string, text: string): void {
    copy.write(`stubs/${name}`, `#!/bin/sh\n${text}`);
    chmodSync(join(copy.folder, "stubs", name), 0o755);
  }

  /** Runs the steps as the runner does: after a failure only those that say `always()`. */
  async function runSteps(steps: Steps, given: NodeJS.ProcessEnv): Promise<Ended> {
    const env = { ...given, PATH: `${join(copy.folder, "stubs")}:${process.env["PATH"] ?? ""}` };
    let code = 0;
    let output = "";
    for (const step of steps) {
      if (step.run === undefined || (code !== 0 && step.if !== "always()")) continue;
      const ended = await copy.run("bash", ["-e", "-c", step.run], env);
      code = code === 0 ? ended.code : code;
      output += ended.output;
    }
    return { code, output };
  }

  function runGithub(file: string, stack: string): Promise<Ended> {
    const { jobs } = workflow.parse(parse(copy.read(`.github/workflows/${file}`)));
    const [job] = Object.values(jobs);
    assert.ok(job);
    const known: Readonly<Record<string, string>> = { ...values, "vars.STACK": stack };
    const env = Object.fromEntries(
      Object.entries({ ...job.env, PULL: "${{ github.event.pull_request.number }}" })
        .map(([name, text]) => [
          name,
          text.replace(/\$\{\{ ([\w.]+) \}\}/g, (_, key: string) => known[key] ?? ""),
        ])
        .filter(([, text]) => text !== ""),
    ) as Record<string, string>;
    return runSteps(job.steps, env);
  }

  async function runGitlab(job: "preview" | "up", stack: string): Promise<Ended> {
    const jobs = gitlab.parse(parse(copy.read("examples/ci/gitlab-ci.yml")));
    const after = job === "preview" ? jobs.preview.after_script : [];
    return runSteps(
      [
        ...jobs[job].script.map((run) => ({ run })),
        ...after.map((run) => ({ run, if: "always()" })),
      ],
      {
        ...{ STACK: stack, PULUMI_CONFIG_PASSPHRASE: "lab", COMMENT_TOKEN: "TOKEN" },
        ...{ CI_API_V4_URL: "https://gitlab.example.com/api/v4", CI_PROJECT_ID: "3" },
        CI_MERGE_REQUEST_IID: "7",
      },
    );
  }

  const outputsOf = async (stack: string): Promise<unknown> =>
    JSON.parse(await copy.must("toolchain/pulumi", ["stack", "output", "--json", "-s", stack]));

  it("preview.yml succeeds on a good plan and writes one comment that tells it", async () => {
    const { code, output } = await runGithub("preview.yml", "dev");
    assert.equal(code, 0, output);
    const comment = copy.read("comment");
    assert.match(comment, /^## Preview of `dev`: \d+ to create\n/);
    assert.match(comment, /^- App `web` is added: container 101 on pve1\.$/m);
    assert.match(comment, /^- \*\*Opens\*\* app web: Everyone on the LAN may reach it/m);
    assert.match(comment, /^- Every policy holds\.$/m);
    assert.match(copy.read("comment-call"), /^pr comment 7 .*--edit-last --create-if-none/);
    assert.doesNotMatch(comment, /PRIVATE KEY|0b9bf2b6-6f2c/);
  });

  it("the GitLab example's preview does the same by a note", async () => {
    const { code, output } = await runGitlab("preview", "dev");
    assert.equal(code, 0, output);
    assert.match(copy.read("comment"), /^- App `web` is added: container 101 on pve1\.$/m);
    assert.match(
      copy.read("comment-call"),
      /body@preview\.md .*\/projects\/3\/merge_requests\/7\/notes$/m,
    );
  });

  it("up.yml previews, then updates the stack", async () => {
    const { code, output } = await runGithub("up.yml", "home");
    assert.equal(code, 0, output);
    assert.match(copy.read("preview.md"), /^## Preview of `home`/);
    assert.deepEqual(await outputsOf("home"), { mode: "empty" });
  });

  it("the GitLab example's up does the same, and changes nothing a second time", async () => {
    const { code, output } = await runGitlab("up", "home");
    assert.equal(code, 0, output);
    assert.match(output, /1 unchanged/);
  });

  describe("when a policy is broken", () => {
    before(() => {
      copy.edit({
        file: "components/container.ts",
        from: "unprivileged: true",
        to: "unprivileged: false",
      });
      const home = parse(copy.read("Pulumi.home.yaml")) as StackFile;
      const site = {
        ...(home.config["proximity-lan:site"] as object),
        apps: { web: { vmid: 101 } },
      };
      const config = { ...home.config, "proximity-lan:site": site };
      copy.write("Pulumi.home.yaml", stringify({ ...home, config }, { lineWidth: 0 }));
    });

    for (const [name, run] of [
      ["preview.yml", () => runGithub("preview.yml", "dev")],
      ["the GitLab example's preview", () => runGitlab("preview", "dev")],
    ] as const)
      it(`${name} fails, and its comment says which`, async () => {
        copy.write("comment", "");
        const { code, output } = await run();
        assert.notEqual(code, 0, output);
        assert.match(
          copy.read("comment"),
          /^- ❌ \*\*unprivileged\*\* on `web`: .*Set it to true\.$/m,
        );
      });

    for (const [name, run] of [
      ["up.yml", () => runGithub("up.yml", "home")],
      ["the GitLab example's up", () => runGitlab("up", "home")],
    ] as const)
      it(`${name} fails before it changes anything`, async () => {
        const { code, output } = await run();
        assert.notEqual(code, 0, output);
        assert.match(output, /unprivileged/);
        assert.doesNotMatch(output, /Updating/);
        assert.deepEqual(await outputsOf("home"), { mode: "empty" });
      });
  });
});
