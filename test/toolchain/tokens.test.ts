import assert from "node:assert/strict";
import { join } from "node:path";

import { differences } from "./compare";
import { installedToolchain } from "./installed";
import { readSchema } from "./schema";
import { Typings } from "./typings";

const project = join(__dirname, "../..");

describe("the built plugins", function () {
  this.timeout(60_000);
  let schemas = "";

  before(function () {
    const toolchain = installedToolchain();
    if (toolchain === undefined) {
      console.log("      skipped: there is no toolchain yet; run toolchain/get.sh");
      this.skip();
    }
    if (toolchain.kind !== "built") {
      console.log(`      skipped: the plugins are the publishers' own (${toolchain.kind})`);
      this.skip();
    }
    schemas = join(toolchain.folder, "schema");
  });

  const compare = (plugin: string, npmPackage: string) =>
    differences(
      readSchema(join(schemas, `${plugin}.json`)),
      new Typings(join(project, "node_modules", npmPackage)),
    );

  it("have the tokens, inputs and outputs of @muhlba91/pulumi-proxmoxve", () => {
    assert.deepEqual(compare("proxmoxve", "@muhlba91/pulumi-proxmoxve"), []);
  });

  it("have the tokens, inputs and outputs of @pulumi/command", () => {
    assert.deepEqual(compare("command", "@pulumi/command"), []);
  });
});
