/** Commands of a node that the lab's server runs for it, asked for over the node's own socket. */
import type { IncomingMessage, ServerResponse } from "node:http";

import type { LabContext, Reply } from "./context";
import { dispatch, type ApiRequest } from "./dispatch";
import { runPveFirewall } from "./firewall/command";
import type { Identity } from "./identity";
import { runPct } from "./pct/run";
import { readForm } from "./request";
import type { ApiSchema } from "./schema/schema";

/** What a command says on its two streams, and its exit code. */
interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Answers one POST: the form field `arg` in, exit code and streams out. */
export type NodeCommand = (
  message: IncomingMessage,
  response: ServerResponse,
  node: string,
) => Promise<void>;

/** The commands by the path that a node asks for. */
export function nodeCommands(
  context: LabContext,
  schema: ApiSchema | undefined,
  root: () => Promise<Identity>,
  log: (line: string) => void,
): ReadonlyMap<string, NodeCommand> {
  const command =
    (name: string, run: (node: string, args: readonly string[]) => Promise<Said>): NodeCommand =>
    async (message, response, node) => {
      const args = (await readForm(message)).get("arg") ?? [];
      const { code, stdout, stderr } = await run(node, args);
      log(`${name} ${args.join(" ")} -> exit ${code}`);
      response.writeHead(200, {
        "content-type": "text/plain;charset=UTF-8",
        "x-exit": String(code),
        // So many lines of the body, the first ones, are for stderr.
        "x-stderr": String(stderr.split("\n").length - 1),
      });
      response.end(stderr + stdout);
    };

  const pct = async (node: string, args: readonly string[]): Promise<Said> => {
    const who = await root();
    const call = (request: ApiRequest): Promise<Reply> => dispatch(context, schema, who, request);
    const { code, output } = await runPct({ node, tasks: context.tasks, call }, args);
    return { code, stdout: code === 0 ? output : "", stderr: code === 0 ? "" : output };
  };

  return new Map([
    ["/pct", command("pct", pct)],
    [
      "/pve-firewall",
      command("pve-firewall", (node, args) => runPveFirewall(context.backend, node, args)),
    ],
  ]);
}
