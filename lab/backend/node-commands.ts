/** Commands of a node that the lab's server runs for it, asked for over the node's own socket. */
import type { IncomingMessage, ServerResponse } from "node:http";

import type { LabContext, Reply } from "../server/context";
import { dispatch, type ApiRequest } from "../server/dispatch";
import { runPveFirewall } from "../firewall/command";
import type { Identity } from "../server/identity";
import { runPct } from "../pct/run";
import { runPvesh } from "../pvesh/run";
import { runPvesm } from "../pvesm/run";
import { readForm } from "../server/request";
import type { ApiSchema } from "../schema/schema";

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
  schema: ApiSchema,
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

  const { tasks } = context;
  const asRoot = async (): Promise<(request: ApiRequest) => Promise<Reply>> => {
    const who = await root();
    return (request) => dispatch(context, schema, who, request);
  };
  const said = ({ code, output }: { readonly code: number; readonly output: string }): Said =>
    code === 0 ? { code, stdout: output, stderr: "" } : { code, stdout: "", stderr: output };
  const pct = async (node: string, args: readonly string[]): Promise<Said> =>
    said(await runPct({ node, tasks, call: await asRoot() }, args));
  const pvesh = async (_node: string, args: readonly string[]): Promise<Said> =>
    said(await runPvesh({ tasks, call: await asRoot() }, args));
  const pvesm = async (node: string, args: readonly string[]): Promise<Said> =>
    said(await runPvesm({ node, tasks, call: await asRoot() }, args));

  return new Map([
    ["/pvesm", command("pvesm", pvesm)],
    ["/pct", command("pct", pct)],
    ["/pvesh", command("pvesh", pvesh)],
    [
      "/pve-firewall",
      command("pve-firewall", (node, args) => runPveFirewall(context.backend, node, args)),
    ],
  ]);
}
