/** Runs scripts of scripts/node from a command: the same way as the program does, with nothing kept. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { renderBundle } from "../render/bundle";
import { renderCall } from "../render/call";
import { runOverSsh, type SshResult } from "../ssh";
import { project } from "./pulumi";
import type { Stack } from "./stack";

/** The script's words, the files of scripts/node that it reads from its bundle, and when to give up, in seconds. */
export interface NodeCall {
  readonly script: string;
  readonly args: readonly string[];
  readonly files?: readonly string[];
  readonly limit?: number;
}

/** Runs one script as root on the node; throws when the node cannot be reached, never for its exit code. */
export function tryOnNode(
  stack: Stack,
  { script, args, files = [], limit = 60 }: NodeCall,
): Promise<SshResult> {
  const texts = ["lib.sh", script].map(read);
  const bundle = files.map((path) => ({ path, mode: "0644", content: read(path) }));
  const stdin = `${texts.join("\n")}${files.length === 0 ? "" : renderBundle(bundle)}`;
  return runOverSsh(stack.ssh, { command: renderCall(args), stdin, limit });
}

const read = (file: string): string => readFileSync(join(project, "scripts", "node", file), "utf8");

/** The same, which must succeed; its stdout. */
export async function runOnNode(stack: Stack, call: NodeCall): Promise<string> {
  const { code, stdout, stderr } = await tryOnNode(stack, call);
  if (code === 0) return stdout;
  throw new Error(`${call.script} ended with ${code} on ${stack.site.node.name}: ${stderr.trim()}`);
}
