import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { startMemoryLab, type MemoryLab } from "../lab/support/memory-lab";
import { ProjectCopy } from "./support/project";

const folder = join(__dirname, "..", "..", "examples");

/** What the preview of an example must speak of, beside being quiet. */
const tells: Readonly<Record<string, readonly RegExp[]>> = {
  "platinum-small": [/ContainerLegacy +web +create/, /ContainerLegacy +notes +create/],
  "platinum-static-wan": [/ContainerLegacy +apps-gateway +create/],
  "platinum-reservations": [/ContainerLegacy +git +create/, /ContainerLegacy +media +create/],
  "phoenix-gateway": [
    /ContainerLegacy +nginx-phoenix +create/,
    /ContainerLegacy +phoenix-router +create/,
    /obsolete-nat +create/,
  ],
  "platinum-alpine": [
    /ContainerLegacy +web +create/,
    /ContainerLegacy +notes +create/,
    /ContainerLegacy +prox-appliance +create/,
  ],
  "platinum-and-phoenix": [
    /ContainerLegacy +nginx-phoenix +create/,
    /ContainerLegacy +scanner +create/,
    /ContainerLegacy +prox-appliance +create/,
  ],
  "several-nodes": [/node: pve1 \(most free memory, .*pve2: not online/],
};

describe("the examples, previewed by the real engine", function () {
  this.timeout(240_000);
  let memory: MemoryLab;
  let copy: ProjectCopy;

  before(async () => {
    memory = await startMemoryLab();
    await memory.backend.download("pve1", "local", "alpine-3.22-default_20250617_amd64.tar.xz");
    copy = new ProjectCopy();
  });
  after(async () => {
    copy.remove();
    await memory.lab.close();
  });

  const names = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
  for (const name of names)
    it(`${name} makes a plan without a warning, and every policy holds`, async () => {
      await copy.useStack(`examples/${name}`, memory.port);
      const { code, output } = await copy.preview();
      assert.equal(code, 0, output);
      assert.match(output, /✅ proximity-lan@v/);
      assert.doesNotMatch(output, /warning|\[(mandatory|advisory)\]/, output);
      for (const told of tells[name.replace(/\.yaml$/, "")] ?? assert.fail(name))
        assert.match(output, told);
    });
});
