import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { elsewhere, useExample, vmidsOf } from "../support/examples";
import { checkout, guests, mustOn, outputs } from "../support/world";

const project = join(__dirname, "../../..");

describe("each example, in the lab", () => {
  const names = readdirSync(join(project, "examples")).filter((name) => name.endsWith(".yaml"));
  const here = names.filter((name) => !(name in elsewhere));

  before(() => {
    for (const [name, world] of Object.entries(elsewhere))
      assert.ok(names.includes(name) && existsSync(join(project, "test", world)), name);
    checkout().must("toolchain/pulumi", ["stack", "init", "dev", "--non-interactive"]);
    // The second role of docs/token.md, for the bridge of platinum-static-wan.yaml.
    mustOn(
      "pve1",
      `echo 'role:ProximityLanBridge:Sys.Modify:' >>/etc/pve/user.cfg
      echo 'acl:1:/nodes/pve1:pulumi@pve:ProximityLanBridge:' >>/etc/pve/user.cfg`,
    );
  });

  afterEach(() => {
    checkout().mustPulumi("destroy", "--yes", "--skip-preview");
  });

  for (const name of here)
    it(`comes up: ${name}`, () => {
      const site = useExample(name);
      checkout().mustPulumi("up", "--yes", "--skip-preview");
      assert.equal(guests(), vmidsOf(site));
      const { apps } = outputs();
      for (const [app, { services }] of Object.entries(site.apps))
        assert.equal(apps[app]?.listening, services !== undefined, app);
    });
});
