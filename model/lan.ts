/** Whether the private network is another one than the LAN, as far as the node knows it. */
import { networkOf, overlaps, parseCidr } from "./net";
import type { Problem } from "./problem";
import type { Site } from "./site";

/** The problem, from the lines `node`, `address`, `IFACE ADDRESS/PREFIX` of a look. */
export function lanOverlap(
  { appliance, network, node }: Pick<Site, "appliance" | "network" | "node">,
  look: string,
): readonly Problem[] {
  const { bridge } = appliance.wan;
  return look.split("\n").flatMap((line) => {
    const [, iface, text = ""] = /^node\taddress\t(\S+) (\S+)$/.exec(line) ?? [];
    const lan = parseCidr(text);
    if (iface !== bridge || lan === undefined || !overlaps(lan, network.cidr)) return [];
    return [
      {
        path: "network.cidr",
        message: `${networkOf(network.cidr)} overlaps your LAN: ${node.name} has ${text} on ${bridge}, so the appliance could not tell the two apart. Choose another private network.`,
      },
    ];
  });
}
