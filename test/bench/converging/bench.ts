/**
 * How long it takes to build a site from nothing, next to what people would use instead: the same site, built
 * on the same node to the same end, whose files they are given finished.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { Checkout } from "../../e2e/support/checkout";
import { measure } from "../support/hyperfine";
import { doubts, load, machine } from "../support/machine";
import type { Section } from "../support/report";
import { costsOf, type Cost } from "./costs";
import { partsOf } from "./section";
import { EVENTS, FOLDER, ON_NODE, OWN, SHELL, waysOf, type Way } from "./ways";

/** Measures; each way builds the site once a round, and its end is compared with the others'. */
export async function converging(
  rounds: number,
  progress: (line: string) => void,
): Promise<Section> {
  const before = load();
  const checkout = siteOfThree();
  try {
    progress("building the site once, for its files and with every package fetched");
    const wanted = prepare(checkout);
    progress("getting Terraform's provider and Ansible, which takes minutes the first time");
    const { ways, versions, leftOut } = waysOf(checkout);
    const times = new Map(ways.map(({ name }): [string, number[]] => [name, []]));
    const costs: (readonly Cost[])[] = [];
    for (const { way, round } of turns(rounds, ways)) {
      progress(`round ${round} of ${rounds}: ${way.name}`);
      times.get(way.name)?.push(await build(checkout, way));
      if (way === OWN) costs.push(costsOf(checkout.read(EVENTS)));
      compare(way.name, stateOf(checkout), wanted);
      for (const words of way.reset) run(checkout, words);
    }
    return {
      name: "converging",
      title: "Converging: a site from nothing",
      text: `An appliance and three apps in the lab, every package in its cache, ${rounds} rounds. After each run the guests' settings, packages, files and services are compared; a way that builds something else ends the benchmark.`,
      when: new Date().toISOString().slice(0, 10),
      machine: [...machine(), ...versions],
      doubts: [...doubts(before, times.get(SHELL.name) ?? []), ...leftOut],
      ...partsOf({ ways, times, costs }),
      charts: [],
    };
  } finally {
    checkout.must("lab/lab", ["down"]);
    checkout.remove();
  }
}

const turns = (rounds: number, ways: readonly Way[]) =>
  Array.from({ length: rounds }, (_, index) => index + 1).flatMap((round) =>
    ways.map((way) => ({ way, round })),
  );

/** Milliseconds. */
async function build(checkout: Checkout, { name, words, folder = ".", env }: Way): Promise<number> {
  const command = { name, words, folder: join(checkout.folder, folder) };
  const seen = await measure([command], 1, { env: { ...checkout.env, ...env } });
  return seen.get(name)?.wall[0] ?? NaN;
}

/** A separate lab, and a copy of the project whose site has a third app. */
function siteOfThree(): Checkout {
  const checkout = new Checkout({ name: "bench", portBase: 23_700 });
  checkout.must("lab/lab", ["down"]);
  checkout.must("lab/lab", ["up"]);
  checkout.edit(({ config }) => {
    const { apps } = config["proximity-lan:site"];
    const text = JSON.stringify(apps["notes"]).replaceAll(/\bnotes\b/g, "board");
    apps["board"] = {
      ...(JSON.parse(text) as Record<string, unknown>),
      vmid: 103,
      address: "10.20.0.21",
    };
  });
  checkout.must("toolchain/pulumi", ["stack", "select", "--create", "dev"]);
  return checkout;
}

/** Builds the site, puts its files and MACs on the node for the others, and removes it; returns its final state. */
function prepare(checkout: Checkout): string {
  const peers = execFileSync("tar", ["-C", join(__dirname, "..", "peers"), "-cf", "-", "."]);
  const unpack = `mkdir -p ${FOLDER} && base64 -d | tar -xf - -C ${FOLDER}`;
  checkout.must(ON_NODE[0], [...ON_NODE.slice(1), "sh", "-c", unpack], peers.toString("base64"));
  run(checkout, OWN.words);
  run(checkout, [...ON_NODE, "bash", `${FOLDER}/take.sh`]);
  const wanted = stateOf(checkout);
  for (const reset of OWN.reset) run(checkout, reset);
  return wanted;
}

const run = (checkout: Checkout, [command = "", ...args]: readonly string[]): string =>
  checkout.must(command, args);

const stateOf = (checkout: Checkout): string =>
  run(checkout, [...ON_NODE, "bash", `${FOLDER}/state.sh`]);

/** A tool that builds something else is not compared. */
function compare(name: string, seen: string, wanted: string): void {
  const lines = new Set(wanted.split("\n"));
  const others = new Set(seen.split("\n"));
  const more = seen.split("\n").filter((line) => !lines.has(line));
  const less = wanted.split("\n").filter((line) => !others.has(line));
  if (more.length + less.length > 0) {
    const told = [...more.map((line) => `+ ${line}`), ...less.map((line) => `- ${line}`)];
    throw new Error(`${name} builds something else:\n${told.join("\n")}`);
  }
}
