/**
 * Takes a container that somebody made into a stack, as it is and where it is:
 * `adopt STACK VMID [NAME] [--yes]`. It becomes an app on the LAN: an entry in `Pulumi.<stack>.yaml`,
 * the stack's tag on the container, and the state under the name it would have been made with.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parseDocument, type Document } from "yaml";
import { z } from "zod";

import { adopt, type AppEntry } from "../model/adoption";
import { describeProblems } from "../model/problem";
import { parseSite } from "../model/site";
import { readSource } from "../source-file";
import { answer } from "./answer";
import { plainName, stackFile } from "./configuration";
import { main } from "./main";
import { runOnNode } from "./on-node";
import { get } from "./proxmox";
import { showPulumi } from "./pulumi";
import { readStack, siteIn, siteKey, type Stack } from "./stack";

const guestsShape = z.array(
  z.object({
    vmid: z.number(),
    type: z.string(),
    node: z.string(),
    name: z.string().default(""),
    tags: z.string().default(""),
  }),
);
const configShape = z.record(z.string(), z.unknown());
const siteShape = z.looseObject({ apps: z.record(z.string(), configShape).default({}) });
const packageShape = z.object({ version: z.string() });

const componentType = "proximity-lan:components:AppContainer";
const containerType = "proxmoxve:index/containerLegacy:ContainerLegacy";

async function takeIn(
  [stackName = "", word = "", name]: readonly string[],
  isAgreed: boolean,
): Promise<void> {
  if (!/^[1-9]\d{2,8}$/.test(word))
    throw new Error("which container? make adopt VMID=150 [NAME=mail]");
  const stack = readStack(stackName);
  const guest = await findGuest(stack, Number(word));
  const app = { name: name ?? guest.name, entry: await entryOf(stack, guest.vmid) };
  const document = withApp(stack, app);
  say(`container ${guest.vmid} becomes the app ${app.name}: ${JSON.stringify(app.entry)}`);
  for (const note of notesOn(stack, guest, app.name)) say(note);
  if (!isAgreed && (await answer("Type yes to go on: ")) !== "yes")
    throw new Error("nothing was changed");
  // Declared before it is in the state: what is only there would be removed by the next update.
  writeFileSync(stackFile(stackName), document.toString({ lineWidth: 0 }));
  const own = [String(guest.vmid), app.name, `direct;${stack.tag}`];
  await runOnNode(stack, { script: "adopt.sh", args: own });
  importInto(stackName, { name: app.name, id: `${guest.node}/${guest.vmid}` });
  say(`done. What an update would still change: make preview STACK=${stackName}`);
}

type Guest = z.output<typeof guestsShape>[number];

async function findGuest({ api, site, tag }: Stack, vmid: number): Promise<Guest> {
  const guests = guestsShape.parse(await get(api, "/cluster/resources?type=vm"));
  const guest = guests.find((one) => one.vmid === vmid);
  const refuse = (why: string) => new Error(`${vmid} cannot be adopted: ${why}`);
  if (guest === undefined) throw refuse("there is no such guest, or the token may not see it.");
  if (guest.type !== "lxc") throw refuse("it is a virtual machine, and apps are containers.");
  if (guest.node !== site.node.name)
    throw refuse(
      `it is on ${guest.node}, and this site is on ${site.node.name}. Move it there: pct migrate ${vmid} ${site.node.name} --restart.`,
    );
  const other = tagsOf(guest).find((one) => one.startsWith("proximity-lan-") && one !== tag);
  if (other !== undefined) throw refuse(`it carries the tag ${other} of another stack.`);
  return guest;
}

async function entryOf({ api, site }: Stack, vmid: number): Promise<AppEntry> {
  const answered = await get(api, `/nodes/${site.node.name}/lxc/${vmid}/config`);
  const verdict = adopt(site, vmid, configShape.parse(answered));
  if (verdict.ok) return verdict.entry;
  throw new Error(describeProblems(`Container ${vmid} cannot be adopted`, verdict.problems));
}

/** The stack's file with the entry, comments and order kept; one that is there already stays. */
function withApp({ name: stack, configuration }: Stack, { name, entry }: App): Document {
  const site = siteShape.parse(siteIn(configuration));
  const isThere = site.apps[name]?.["vmid"] === entry.vmid;
  if (!isThere && name in site.apps)
    throw new Error(`there is an app ${name} already. Choose another name: NAME=...`);
  const apps = isThere ? site.apps : { ...site.apps, [name]: entry };
  const result = parseSite({ ...site, apps }, plainName(stack), readSource);
  if (!result.ok) throw new Error(describeProblems("It does not fit the site", result.problems));
  const document = parseDocument(readFileSync(stackFile(stack), "utf8"));
  const path = ["config", siteKey];
  if (!document.hasIn([...path, "node"]))
    throw new Error(
      `the site of ${stack} is not written in ${stackFile(stack)}. Add the app where it is: ${JSON.stringify({ [name]: entry })}`,
    );
  if (!isThere) document.setIn([...path, "apps", name], document.createNode(entry));
  return document;
}

interface App {
  readonly name: string;
  readonly entry: AppEntry;
}

/** What a person must know before saying yes. */
function notesOn({ tag }: Stack, guest: Guest, name: string): readonly string[] {
  const lost = tagsOf(guest).filter((one) => one !== tag && one !== "direct");
  return [
    ...(name === guest.name ? [] : [`its host name ${guest.name} becomes ${name}`]),
    ...(lost.length === 0 ? [] : [`its tags go: ${lost.join(", ")}`]),
    "from then on, taking the app out of the declaration removes the container WITH ITS DISK",
  ];
}

function tagsOf({ tags }: Guest): readonly string[] {
  return tags.split(/[;, ]/).filter((one) => one !== "");
}

function importInto(stack: string, { name, id }: { name: string; id: string }): void {
  const folder = mkdtempSync(join(tmpdir(), "adopt-"));
  const file = join(folder, "import.json");
  const provider: unknown = JSON.parse(
    readFileSync(require.resolve("@muhlba91/pulumi-proxmoxve/package.json"), "utf8"),
  );
  const { version } = packageShape.parse(provider);
  const resources = [
    { type: componentType, name: `${name}-app`, logicalName: name, component: true },
    { type: containerType, name, id, parent: `${name}-app`, version },
  ];
  writeFileSync(file, JSON.stringify({ resources }));
  try {
    const flags = ["--yes", "--skip-preview", "--protect=false", "--generate-code=false"];
    showPulumi(["import", "--stack", stack, "--file", file, ...flags]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function say(text: string): void {
  process.stderr.write(`adopt: ${text}\n`);
}

main({
  usage: "adopt STACK VMID [NAME] [--yes]",
  options: { yes: { type: "boolean", default: false } },
  positionals: [1, 3],
  run: ({ positionals, flags: { yes } }) => takeIn(positionals, yes),
});
