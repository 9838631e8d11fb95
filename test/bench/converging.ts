/**
 * How long it takes to build a site from nothing, beside what people would use instead: the same site, built
 * on the same node to the same end, whose files they are given finished.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { Checkout } from "../e2e/support/checkout";
import { ratio, spread } from "./support/figures";
import { measure } from "./support/hyperfine";
import { doubts, load, machine } from "./support/machine";
import type { Section } from "./support/report";

/** How many times the shell script's time a fresh `up` may take. */
const LIMIT = 1.15;

/** On the node. */
const FOLDER = "/root/peers";
const OWN = "this program";
const ON_NODE = ["lab/lab", "exec", "pve1"] as const;

/** A way to build the site: a command of the checkout's folder. */
interface Way {
  readonly name: string;
  readonly words: readonly string[];
  readonly reset: readonly string[];
}

const RESET = [...ON_NODE, "bash", `${FOLDER}/reset.sh`];
const WAYS: readonly Way[] = [
  {
    name: OWN,
    words: ["toolchain/pulumi", "up", "--yes", "--skip-preview", "--stack", "dev"],
    reset: ["toolchain/pulumi", "destroy", "--yes", "--skip-preview", "--stack", "dev"],
  },
  {
    name: "a shell script on the node",
    words: [...ON_NODE, "bash", `${FOLDER}/shell/up.sh`],
    reset: RESET,
  },
];

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
    const times = new Map(WAYS.map(({ name }): [string, number[]] => [name, []]));
    for (const { way, round } of turns(rounds)) {
      progress(`round ${round} of ${rounds}: ${way.name}`);
      const { env, folder } = checkout;
      const seen = await measure([{ ...way, folder }], 1, { env });
      times.get(way.name)?.push(...(seen.get(way.name)?.wall ?? []));
      compare(way.name, stateOf(checkout), wanted);
      run(checkout, way.reset);
    }
    return section(rounds, before, (name) => times.get(name) ?? []);
  } finally {
    checkout.must("lab/lab", ["down"]);
    checkout.remove();
  }
}

const turns = (rounds: number) =>
  Array.from({ length: rounds }, (_, index) => index + 1).flatMap((round) =>
    WAYS.map((way) => ({ way, round })),
  );

/** A lab of its own, and a copy of the project whose site has a third app. */
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

/** Builds the site, lays its files and MACs on the node for the others, and takes it away; tells its end. */
function prepare(checkout: Checkout): string {
  const peers = execFileSync("tar", ["-C", join(__dirname, "peers"), "-cf", "-", "."]);
  const unpack = `mkdir -p ${FOLDER} && base64 -d | tar -xf - -C ${FOLDER}`;
  checkout.must(ON_NODE[0], [...ON_NODE.slice(1), "sh", "-c", unpack], peers.toString("base64"));
  const [own] = WAYS;
  if (own === undefined) throw new Error("nothing is to be measured");
  run(checkout, own.words);
  run(checkout, [...ON_NODE, "bash", `${FOLDER}/take.sh`]);
  const wanted = stateOf(checkout);
  run(checkout, own.reset);
  return wanted;
}

const run = (checkout: Checkout, [command = "", ...args]: readonly string[]): string =>
  checkout.must(command, args);

const stateOf = (checkout: Checkout): string =>
  run(checkout, [...ON_NODE, "bash", `${FOLDER}/state.sh`]);

/** Whoever builds something else is not compared with. */
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

function section(rounds: number, before: number, of: (name: string) => readonly number[]): Section {
  const own = of(OWN);
  const others = WAYS.filter(({ name }) => name !== OWN);
  const [shell] = others;
  if (shell === undefined) throw new Error("there is nothing to compare with");
  const limit = ratio(own, of(shell.name));
  return {
    name: "converging",
    title: "Converging: a site from nothing",
    text: `An appliance and three apps in the lab, every package in its cache, ${rounds} rounds. After each run the guests' settings, packages, files and services are compared; a way that builds something else ends the benchmark.`,
    when: new Date().toISOString().slice(0, 10),
    machine: machine(),
    doubts: doubts(before, of(shell.name)),
    targets: [
      {
        what: `a fresh \`up\`, to ${shell.name}`,
        target: String(LIMIT),
        measured: `${limit.median.toFixed(2)} (${limit.min.toFixed(2)} to ${limit.max.toFixed(2)})`,
        met: limit.median <= LIMIT,
      },
    ],
    tables: [
      {
        title: "Seconds from nothing to a site that answers",
        columns: ["", "middle (range)", `times of ${shell.name}`],
        rows: WAYS.map(({ name }) => {
          const { min, median, max } = spread(of(name).map((ms) => ms / 1000));
          return [
            name,
            `${median.toFixed(1)} (${min.toFixed(1)} to ${max.toFixed(1)})`,
            ratio(of(name), of(shell.name)).median.toFixed(2),
          ];
        }),
      },
    ],
    charts: [],
    notes: [],
  };
}
