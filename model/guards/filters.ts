/**
 * The packet filters of interfaces on the LAN as commands place them: a `.fw` file on the node for veth, an
 * nftables file inside the guest for macvlan and ipvlan, which no filter of the node reaches
 * (docs: "Public addresses").
 */
import { splitBundle } from "../bundle";
import { coversAll, formatInterval, membersOf, parseNetwork } from "../firewall/address";
import type { Problem } from "../problem";
import type { CommandInputs, CommandRule } from "./command";
import type { NamedGuest } from "./stack";

/** One filter: on the node for a guest, or inside one. */
export interface PlacedFilter {
  readonly kind: "node" | "guest";
  /** Undefined while a preview cannot know it. */
  readonly vmid: number | undefined;
  /** Where it is placed. */
  readonly path: string;
  readonly content: string;
}

const guestFilter = "/etc/proximity/public.nft";

/** The filters that a command places. Of a file that stands twice in a bundle, the last one counts. */
export function filtersOf(command: CommandInputs): readonly PlacedFilter[] {
  const { files } = splitBundle(command.stdin ?? "");
  const inside = files.filter(({ path }) => path === `files${guestFilter}`).at(-1);
  return [
    ...files.flatMap(({ path, content }) => {
      const vmid = /^firewall\/(\d+)\.fw$/.exec(path)?.[1];
      return vmid === undefined
        ? []
        : [
            {
              kind: "node" as const,
              vmid: Number(vmid),
              path: `/etc/pve/firewall/${vmid}.fw`,
              content,
            },
          ];
    }),
    ...(inside === undefined
      ? []
      : [
          {
            kind: "guest" as const,
            vmid: setUp(command),
            path: guestFilter,
            content: inside.content,
          },
        ]),
  ];
}

/** The guest that a command sets up. */
function setUp({ create = "" }: CommandInputs): number | undefined {
  const vmid = /^bash -s -- apply (\d+) \S+ (?:app|guest)\.sh /.exec(create)?.[1];
  return vmid === undefined ? undefined : Number(vmid);
}

/** Index and type of the interface that a command adds to a guest by raw lines. */
function rawNic({ create = "" }: CommandInputs) {
  const [, vmid, index, type] =
    /^bash -s -- attach (\d+) .*lxc\.net\.(\d+)\.type: ([a-z]+)/.exec(create) ?? [];
  return vmid === undefined ? undefined : { vmid: Number(vmid), index, type };
}

/** A guest on the LAN lets in only what its rules name. */
export const hasClosedFirewall: CommandRule = (command) =>
  filtersOf(command).flatMap(({ kind, path, content }) => {
    const open = kind === "node" ? openInFw(content) : openInNft(content);
    return open === undefined
      ? []
      : [{ path, message: `${open}, so everything comes in. ${mend}` }];
  });

const mend = "Use policyIn: DROP or REJECT, and a rule for each port.";

/** Every address of each family. */
const everyone: readonly string[] = ["0.0.0.0/0", "::/0"];

/** A rule that may be for every packet: its action, and its sources if it names any. */
interface WideRule {
  readonly accepts: boolean;
  readonly sources: readonly string[] | undefined;
}

/** Whether everything of a family comes in: the first rule for all of it decides; undefined if none does. */
function verdictFor(rules: readonly WideRule[], family: string): boolean | undefined {
  return rules.find(({ sources }) => sources === undefined || coversAll(sources, family))?.accepts;
}

/** What lets everything of one family in; undefined if nothing does. */
function openInFw(content: string): string | undefined {
  const rules = content.split("\n").flatMap((line): readonly WideRule[] => {
    const [, action, source] = everyPacketInFw.exec(line) ?? [];
    if (action === undefined) return [];
    const sources = source === undefined ? undefined : sourcesInFw(source, content);
    return [{ accepts: action === "ACCEPT", sources }];
  });
  const verdicts = everyone.map((family) => verdictFor(rules, family));
  if (verdicts.includes(true)) return "one of its rules accepts every packet";
  const isOpen = /^policy_in:\s*ACCEPT\s*$/m.test(content) && verdicts.includes(undefined);
  return isOpen ? "policy_in is ACCEPT" : undefined;
}

const everyPacketInFw =
  /^IN (ACCEPT|DROP|REJECT)(?: -i net\d+)?(?: -source (\S+))?(?: -log \w+)?(?: #.*)?$/;

/** A list, or what an alias or a set of the same file stands for. */
function sourcesInFw(source: string, content: string): readonly string[] {
  const lines = content.split("\n");
  const meant = (text: string): string =>
    lines.find((line) => line.startsWith(`${text} `))?.slice(text.length + 1) ?? text;
  if (!source.startsWith("+")) return meant(source).split(",");
  const start = lines.indexOf(`[IPSET ${source.slice(1)}]`) + 1;
  const rest = start === 0 ? [] : lines.slice(start);
  const end = rest.findIndex((line) => line === "" || line.startsWith("["));
  const entries = rest.slice(0, end < 0 ? undefined : end).flatMap((line) => {
    const network = parseNetwork(meant(line.replace(/^!/, "")));
    return network === undefined ? [] : [{ network, isException: line.startsWith("!") }];
  });
  return membersOf(entries).map(formatInterval);
}

/** The same of the chain that sees what comes in; a file without such a chain is not closed, but bare. */
function openInNft(content: string): string | undefined {
  const chain = incomingChain(content);
  if (chain === undefined) return undefined;
  const rules = chain.flatMap((rule): readonly WideRule[] => {
    const [, list, set, action] = everyPacketInNft.exec(rule) ?? [];
    if (action === undefined) return [];
    const sources = set === undefined ? list : elementsOf(set, content);
    return [{ accepts: action === "accept", sources: sources?.split(", ") }];
  });
  const verdicts = everyone.map((family) => verdictFor(rules, family));
  if (verdicts.includes(undefined)) return "no rule drops what is left";
  return verdicts.includes(true) ? "its filter accepts every packet" : undefined;
}

const everyPacketInNft = /^(?:ip6? saddr (?:\{ ([^}]+) \}|@(\S+)) )?(accept|drop|reject\b.*)$/;

function elementsOf(set: string, content: string): string {
  const [, body = ""] = content.split(`set ${set} {\n`);
  return /^[^}]*?elements = \{ ([^}]+) \}/.exec(body)?.[1] ?? "";
}

/** Its rules without logging and comments; undefined without a base chain for incoming packets. */
function incomingChain(content: string): readonly string[] | undefined {
  const chain = /^ *chain incoming \{\n([^]*?)^ *\}$/m.exec(content)?.[1];
  if (chain === undefined || !/^ *type filter hook (prerouting|input) /m.test(chain))
    return undefined;
  return chain.split("\n").map((line) =>
    line
      .trim()
      .replace(/ comment "[^"]*"$/, "")
      .replace(/log prefix "[^"]*" level \w+ /, ""),
  );
}

/**
 * Proxmox's rules act only on interfaces with `firewall=1`, and never on one that raw lines make: that one
 * needs a filter inside its guest.
 */
export function isFiltered(
  guests: readonly NamedGuest[],
  commands: readonly CommandInputs[],
): readonly Problem[] {
  const filters = commands.flatMap(filtersOf);
  return [
    ...filters.filter(({ kind }) => kind === "node").flatMap((filter) => idleOn(guests, filter)),
    ...commands.flatMap((command) => bareNic(command, guests, { commands, filters })),
  ];
}

function idleOn(guests: readonly NamedGuest[], { vmid, path, content }: PlacedFilter) {
  const owner = guests.find(({ guest }) => guest.vmId === vmid);
  const nics = owner?.guest.networkInterfaces ?? [];
  const named = [...content.matchAll(/^(?:IN|OUT|GROUP)\s.*\s-i net(\d+)\b/gm)].map(([, n]) =>
    Number(n),
  );
  // A rule without an interface is for every one that is filtered: one at least must be.
  const wanted = named.length > 0 ? [...new Set(named)] : nics.map((_, index) => index).slice(0, 1);
  const anyFiltered = nics.some(({ firewall }) => firewall === true);
  return wanted
    .filter((index) => nics[index]?.firewall !== true && (named.length > 0 || !anyFiltered))
    .map((index) => ({
      path: `${owner?.name ?? path}.networkInterfaces[${index}].firewall`,
      message: `the rules of ${path} never act on net${index}. Set firewall to true on it.`,
    }));
}

interface Placed {
  readonly commands: readonly CommandInputs[];
  readonly filters: readonly PlacedFilter[];
}

function bareNic(
  command: CommandInputs,
  guests: readonly NamedGuest[],
  { commands, filters }: Placed,
): readonly Problem[] {
  const nic = rawNic(command);
  // Where a preview cannot know yet how the guest is set up, it cannot know its filter.
  if (nic === undefined || !commands.some((one) => setUp(one) === nic.vmid)) return [];
  const isClosed = filters.some(
    ({ kind, vmid, content }) =>
      kind === "guest" && vmid === nic.vmid && incomingChain(content) !== undefined,
  );
  const owner = guests.find(({ guest }) => guest.vmId === nic.vmid)?.name ?? `guest ${nic.vmid}`;
  return isClosed
    ? []
    : [
        {
          path: `${owner}.net${nic.index ?? ""}`,
          message: `nothing filters its ${nic.type ?? ""} interface: ${guestFilter} has no chain for incoming packets. Leave that file out of the guest's files.`,
        },
      ];
}
