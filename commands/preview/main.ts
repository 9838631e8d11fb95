/**
 * `preview STACK [-- PULUMI FLAGS]`: previews the stack with the policy pack, on the terminal and as Markdown
 * in preview.md, and fails when the preview, a policy or a rule of the plan does.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { checkPlan, planConfig, type PlanConfig } from "../../model/guards/plan";
import { main } from "../main";
import { readEvents } from "./events";
import { renderPreview } from "./markdown";

const project = join(__dirname, "..", "..");
const file = "preview.md";
const settings = "policies/config.json";

function show(stack: string, flags: readonly string[]): void {
  // The log of debug events holds secrets in the clear: a folder that nobody else reads, for as long as it takes.
  const folder = mkdtempSync(join(tmpdir(), "proximity-preview-"));
  try {
    const log = join(folder, "events");
    const status = preview(stack, log, flags);
    const said = readEvents(stack, existsSync(log) ? readFileSync(log, "utf8") : "");
    const planViolations = checkPlan(said.steps, readSettings());
    const page = renderPreview({ ...said, planViolations });
    writeFileSync(join(project, file), page);
    for (const { rule, path, message } of planViolations)
      process.stderr.write(`preview: [${rule}] ${path}: ${message}\n`);
    process.stderr.write(`preview: written to ${file}\n`);
    process.exitCode = status === 0 && planViolations.length > 0 ? 1 : status;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function preview(stack: string, log: string, flags: readonly string[]): number {
  const config = existsSync(join(project, settings)) ? ["--policy-pack-config", settings] : [];
  const { status } = spawnSync(
    join(project, "toolchain", "pulumi"),
    [
      ...["preview", "--stack", stack, "--non-interactive", "--diff", "--event-log", log],
      ...["--policy-pack", "policies/launch", ...config, ...flags],
    ],
    {
      cwd: project,
      env: { ...process.env, PULUMI_DEBUG_COMMANDS: "true" },
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  return status ?? 1;
}

function readSettings(): PlanConfig {
  const path = join(project, settings);
  return planConfig.parse(existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : {});
}

main({
  usage: "preview STACK [-- PULUMI FLAGS]",
  options: {},
  positionals: [1, 1],
  forPulumi: true,
  run: ({ positionals: [stack = ""], forPulumi }) => {
    show(stack, forPulumi);
  },
});
