/** What the resolvers of the LAN say of the names that this site answers itself. */
import { ok, warning, type Check, type Finding } from "../checks";
import { runOnNode } from "../on-node";
import type { Stack } from "../stack";
import { onNode, type Patient } from "./patient";

/** Asks one resolver for names: `NAME ADDRESS` lines, the address empty without an answer. */
export type AskResolver = (
  resolver: string,
  names: readonly string[],
) => Promise<readonly string[]>;

/** The check; a difference is a warning, since whose names they are is the LAN's own affair. */
export const lanDns: Check<Patient> = {
  name: "DNS of the LAN",
  look: onNode((_, { stack }) => compareDns(stack.site.network, askFromNode(stack))),
};

/** Compares what each resolver answers with the declared wildcards. */
export async function compareDns(
  { dns, upstreamDns }: Stack["site"]["network"],
  ask: AskResolver,
): Promise<Finding> {
  const wildcards = Object.entries(dns.wildcards);
  if (wildcards.length === 0) return ok("network.dns.wildcards names none");
  const resolvers = dns.checkedAt ?? upstreamDns;
  const names = wildcards.map(([domain]) => `any.${domain}`);
  const found = await Promise.all(
    resolvers.map(async (resolver) => {
      const lines = await ask(resolver, names);
      return wildcards.flatMap(([domain, wanted]) => {
        const name = `any.${domain}`;
        const answer = lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
        return answer === wanted ? [] : [`${resolver} has ${answer || "no address"} for ${name}`];
      });
    }),
  );
  const told = wildcards.map(([domain, address]) => `*.${domain} at ${address}`).join(", ");
  return found.flat().length === 0
    ? ok(`${resolvers.join(", ")}: ${told}`)
    : warning(
        found.flat().join("; "),
        `Clients that ask those do not find ${told}. Enter it there, or give them the appliance as their resolver. Another list: network.dns.checkedAt.`,
      );
}

function askFromNode(stack: Stack): AskResolver {
  return async (resolver, names) => {
    const args = ["asked", resolver, ...names];
    return (await runOnNode(stack, { script: "ask.sh", args })).split("\n");
  };
}
