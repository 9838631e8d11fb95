/**
 * Whether a user can upgrade the SDK or Node: one site, managed by the pinned and the newest SDK in turn, on
 * every supported release of Node. Each continues with the state that the one before left.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { memorySite, type MemorySite } from "../bench/support/memory-site";
import { ProjectCopy } from "../engine/support/project";
import { install, versions, type Installed } from "./installed";

const pinned = join(__dirname, "..", "..", "node_modules");
const pack = ["--policy-pack", "policies/launch"];

const packageShape = z.object({ version: z.string() });

/** Version of the SDK in a `node_modules`. */
function sdkIn(modules: string): string {
  const file = join(modules, "@pulumi", "pulumi", "package.json");
  return packageShape.parse(JSON.parse(readFileSync(file, "utf8"))).version;
}

interface Round {
  readonly newest: boolean;
  readonly node: string;
}

/** Every pair of SDK and Node. */
const rounds: readonly Round[] = [false, true].flatMap((newest) =>
  Object.keys(versions.node).map((node) => ({ newest, node })),
);
const nameOf = ({ newest, node }: Round) => `${newest ? "newest" : "pinned"} SDK, Node ${node}`;

describe("a site whose SDK and Node are upgraded", function () {
  this.timeout(300_000);
  let installed: Installed;
  let site: MemorySite;
  let apps = 1;

  before(async () => {
    installed = install();
    assert.equal(sdkIn(installed.modules), versions.sdk);
    site = await memorySite(apps);
  });
  after(() => site.remove());

  for (const round of rounds)
    it(`${nameOf(round)}: nothing changes, an app is added, the policies hold`, async () => {
      const { newest, node } = round;
      const { copy } = site;
      copy.usePackages(newest ? installed.modules : pinned, installed.nodeFolder(node));
      assert.equal(await copy.must("node", ["--version"]), `v${versions.node[node] ?? ""}\n`);

      await copy.must("toolchain/pulumi", ["preview", "--expect-no-changes", "--stack", "dev"]);
      site.declare(++apps);
      const added = await copy.must("toolchain/pulumi", ["up", "--yes", "--skip-preview", ...pack]);
      assert.match(added, new RegExp(`ContainerLegacy +app-${apps - 1} +created`));
      assert.doesNotMatch(added, /warning|deprecat/i);

      copy.write("reserved.json", JSON.stringify({ "free-vmid": { reserved: ["201-299"] } }));
      const refused = await copy.preview("--policy-pack-config", "reserved.json");
      assert.notEqual(refused.code, 0);
      assert.match(refused.output, /\[mandatory\].* free-vmid .*app-0\)\n.*\n +vmId: 201 /);
    });
});

describe("the program's tests", function () {
  this.timeout(300_000);
  /** Those that run the program or the SDK inside Node; the rest is shell scripts and the lab. */
  const specs = "test/{appliance,components,model,policies,render}/**/*.test.ts";
  let installed: Installed;
  let copy: ProjectCopy;

  before(() => {
    installed = install();
    copy = new ProjectCopy({ whole: true });
  });
  after(() => {
    copy.remove();
  });

  it("compile with the newest SDK", async () => {
    copy.usePackages(installed.modules, installed.nodeFolder("24"));
    await copy.must("node_modules/.bin/tsc", ["--noEmit"]);
  });

  for (const round of rounds)
    it(`pass with the ${nameOf(round)}`, async () => {
      copy.usePackages(round.newest ? installed.modules : pinned, installed.nodeFolder(round.node));
      const output = await copy.must("node_modules/.bin/mocha", [specs]);
      assert.match(output, /^ +[1-9]\d* passing/m);
    });
});
