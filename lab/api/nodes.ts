import type { Call, Reply } from "../server/context";

/** One node as the node list shows it; memory in bytes, cpu as a fraction; no figures without Sys.Audit. */
export async function nodeEntry(
  { lab, user }: Call,
  node: string,
): Promise<Record<string, string | number>> {
  const { online, ...figures } = await lab.backend.stats(node);
  // Clients put the fingerprint into a list of texts, so it is never left out (docs/proxmox/provider-calls.md 6).
  const identity = { node, id: `node/${node}`, type: "node", level: "", ssl_fingerprint: "" };
  if (!online) return { ...identity, status: "offline" };
  if (!user.has(`/nodes/${node}`, "Sys.Audit")) return { ...identity, status: "online" };
  return { ...identity, status: "online", ...figures };
}

/** GET /nodes. */
export async function GET(call: Call): Promise<Reply> {
  return { data: await Promise.all(call.lab.backend.nodes.map((node) => nodeEntry(call, node))) };
}
