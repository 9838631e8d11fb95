/** Looks, before anything is declared, whether what scripts left on node and guests is still so. */
import * as pulumi from "@pulumi/pulumi";

import { bridgeCheck } from "./components/bridge";
import { guestScriptsCheck } from "./components/guest-scripts";
import { obsoleteNatCheck } from "./components/obsolete-nat";
import { nicChecks, publicCheck } from "./components/public-nic";
import { familyScript, readScript, type NodeCheck } from "./components/script";
import { valueOf, type Config } from "./config";
import { containerProblems, declaredContainers } from "./model/containers";
import { copiesIn, describeFinding, keepsLargerDisk, parseLook, type Look } from "./model/drift";
import { families, type Family } from "./model/family";
import { foreignSettings } from "./model/foreign";
import { lanOverlap } from "./model/lan";
import type { Plan } from "./model/placement";
import { describeProblems } from "./model/problem";
import { checkPublic, parsePublicFacts } from "./model/public-facts";
import { publicHosts } from "./model/public-interface";
import type { Site } from "./model/site";
import type { ListedGuest } from "./model/standing";
import { renderBundle, type BundleFile } from "./render/bundle";
import { renderCall } from "./render/call";
import { Refusal } from "./refusal";
import { runOverSsh } from "./ssh";

/** How long a whole look may take, in seconds. */
const limit = 180;

const guestScripts = ["receive.sh", "lib.sh", "look.sh"];

/** The subject under which a look lists the guests of the cluster. */
const guestsCheck = "guests";

/**
 * One SSH session, in preview as well as in up; it changes nothing. What could not be looked at is a
 * warning and never an error: a guest that is off must not keep anyone from a preview.
 */
export async function lookForDrift(config: Config, site: Site, plan: Plan): Promise<Look> {
  const targets = targetsOf(site, plan, config.tag);
  // Offline is said once, with all else that it leaves open.
  if (config.offline || targets.guests.length + targets.checks.length === 0) return new Map();
  if (!config.watch) {
    await pulumi.log.info(
      `Nobody looked at what was changed by hand on node and guests${unasked(site)} (proximity-lan:watch is false).`,
    );
    return new Map();
  }
  try {
    const said = await ask(config, site, targets);
    refuseUnable(site, plan, said);
    const look = parseLook(said);
    const copies = copiesIn(look);
    if (copies.length > 0) throw new Refusal(describeProblems("The node is not ready", copies));
    await tell(look);
    for (const { message, action } of lastingProblems(site, plan, look))
      await pulumi.log.warn(`${message} ${action}`);
    for (const text of foreignIn(site, look)) await pulumi.log.info(text);
    return look;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    await pulumi.log.warn(
      `What was changed by hand on node and guests is not known. ${error instanceof Error ? error.message : String(error)}\n` +
        "Without SSH from here, take the look out: pulumi config set proximity-lan:watch false",
    );
    return new Map();
  }
}

/** Ends the run where the node cannot carry what is declared. */
function refuseUnable(site: Site, plan: Plan, said: string): void {
  const facts = parsePublicFacts(said);
  const problems = [
    ...(plan.hasGateway ? lanOverlap(site, said) : []),
    ...(facts === undefined ? [] : checkPublic(site, facts)),
  ];
  if (problems.length > 0)
    throw new Refusal(describeProblems("The node cannot carry what is declared", problems));
}

/** This stack's guests on the cluster by what a look found; a copy of one of them is not among them. */
export function ownIn(look: Look): readonly ListedGuest[] | undefined {
  return look.get(guestsCheck)?.guests.filter(({ own }) => own);
}

/** What no update changes, and what is not known, is told here; the rest by what puts it right. */
async function tell(look: Look): Promise<void> {
  for (const [subject, { off, unsure, held }] of look) {
    if (off !== undefined) await pulumi.log.warn(`Nothing was looked at in ${subject}: ${off}`);
    for (const finding of held) await pulumi.log.warn(describeFinding(finding));
    for (const what of unsure) await pulumi.log.warn(`In ${subject} it is not known ${what}`);
  }
}

/** Of the containers, what no update ends. */
function lastingProblems(site: Site, plan: Plan, look: Look) {
  const guests = look.get(guestsCheck)?.guests ?? [];
  const vmids = new Set(targetsOf(site, plan, "").guests.map(({ vmid }) => vmid));
  const declared = declaredContainers(site).filter(({ vmid }) => vmids.has(vmid));
  return containerProblems(declared, guests).filter(({ healed }) => !healed);
}

/** One line for each container with settings that stay although nobody declared them. */
function foreignIn(site: Site, look: Look): readonly string[] {
  return declaredContainers(site).flatMap((one) => {
    const settings = look.get(String(one.vmid))?.settings ?? new Map<string, string>();
    const larger = keepsLargerDisk(look, one) ? [`a disk larger than ${one.disk} GiB`] : [];
    const all = [...foreignSettings(settings), ...larger];
    return all.length === 0
      ? []
      : [
          `Container ${one.vmid} (${one.name}) has settings that are not declared; they stay: ${all.join("; ")}`,
        ];
  });
}

/** What a look goes to. */
interface Targets {
  readonly guests: readonly { readonly vmid: number; readonly family: Family }[];
  readonly checks: readonly NodeCheck[];
}

function targetsOf(site: Site, { hasGateway, apps }: Plan, tag: string): Targets {
  const guests = [
    ...(hasGateway ? [site.appliance] : []),
    ...apps.map(({ app }) => app),
    ...site.guests.map(({ vmid }) => ({ vmid, family: "debian" as const })),
  ];
  return {
    guests,
    checks: [
      ...(guests.length > 0
        ? [guestScriptsCheck(tag), { name: guestsCheck, script: "guests.sh", words: [tag] }]
        : []),
      ...(hasGateway ? [bridgeCheck(site.network.bridge, tag)] : []),
      ...(publicHosts(site).length > 0 ? [publicCheck(site), ...nicChecks(site, tag)] : []),
      ...(site.obsoleteNat.length > 0 ? [obsoleteNatCheck(site)] : []),
    ],
  };
}

/** What else stays unknown without a look. */
function unasked(site: Site): string {
  return [
    ...(publicHosts(site).length > 0
      ? [`, nor whether the addresses on the LAN fit ${site.network.publicBridge}`]
      : []),
    ...(site.obsoleteNat.length > 0 ? [", nor which rules of obsoleteNat are still there"] : []),
  ].join("");
}

async function ask(config: Config, site: Site, targets: Targets): Promise<string> {
  const privateKey = await valueOf(config.privateKey);
  const { code, stdout, stderr } = await runOverSsh(
    { ...site.node.ssh, privateKey },
    {
      command: renderCall([config.tag]),
      stdin: `${readScript("node", "lib.sh")}\n${readScript("node", "look.sh")}${bundleOf(targets)}`,
      limit,
    },
  );
  if (code !== 0) throw new Error(`The look at the node failed: ${stderr.trim()}`);
  return stdout;
}

function bundleOf({ guests, checks }: Targets): string {
  return renderBundle([
    text(
      "node/checks",
      checks.map(({ name, script, words }) => [name, script, ...words].join(" ")),
    ),
    ...["lib.sh", ...new Set(checks.map(({ script }) => script))].map((script) =>
      text(`node/${script}`, [readScript("node", script)]),
    ),
    ...checks.flatMap(({ files = [] }) =>
      files.map((file) => ({ ...file, path: `node/${file.path}` })),
    ),
    text(
      "guest/vmids",
      guests.map(({ vmid, family }) => `${vmid} ${family}`),
    ),
    ...families.map((family) =>
      text(`guest/scripts/${family}.sh`, [readScript("guest", familyScript(family))]),
    ),
    ...guestScripts.map((script) => text(`guest/scripts/${script}`, [readScript("guest", script)])),
  ]);
}

function text(path: string, lines: readonly string[]): BundleFile {
  return { path, mode: "0644", content: lines.map((line) => `${line}\n`).join("") };
}
