import assert from "node:assert/strict";

import { parseSite } from "../../model/site";
import { minimal, noSources, site, small } from "../support/sites";

/** Exactly one problem, at this path, whose text has these words. */
function refuses(name: string, value: unknown, path: string, words: RegExp): void {
  it(`refuses ${name}`, () => {
    const result = parseSite(value, "dev", noSources);
    const found = result.ok ? [] : result.problems;
    assert.deepEqual(
      found.map((problem) => problem.path),
      [path],
    );
    assert.match(found[0]?.message ?? "", words);
  });
}

describe("the family of a container", () => {
  const app = (value: object) => ({ ...minimal, apps: { wiki: { vmid: 102, ...value } } });
  const appliance = (value: object) => ({ ...minimal, appliance: value });
  const alpine = "local:vztmpl/alpine-3.22-default_20250617_amd64.tar.xz";
  const debian = minimal.template;

  it("takes Alpine with a template of its own, and Debian without one", () => {
    const { appliance: gateway, apps } = site({
      ...app({ family: "alpine", template: alpine, services: ["nginx"] }),
      appliance: { family: "alpine", template: alpine, console: false },
    });
    assert.deepEqual(
      [gateway.family, apps[0]?.family, apps[0]?.template],
      ["alpine", "alpine", alpine],
    );
    assert.equal(site(small).appliance.family, "debian");
  });
  refuses("another system", app({ family: "gentoo" }), "apps.wiki.family", /debian.*alpine/);
  refuses(
    "Alpine on the site's Debian template",
    app({ family: "alpine" }),
    "apps.wiki.template",
    /is missing.*vztmpl\/alpine-/,
  );
  refuses(
    "a template of another family",
    app({ family: "alpine", template: debian }),
    "apps.wiki.template",
    /template of debian by its name.*family is alpine/,
  );
  refuses(
    "the other way round too",
    app({ template: alpine }),
    "apps.wiki.template",
    /template of alpine by its name.*family is debian/,
  );
  refuses(
    "Cockpit on Alpine",
    appliance({ family: "alpine", template: alpine }),
    "appliance.console",
    /Alpine has no Cockpit\. Set it to false/,
  );
  refuses(
    "a unit of systemd as a service of Alpine",
    app({ family: "alpine", template: alpine, services: ["notes.service"] }),
    "apps.wiki.services",
    /such as notes\./,
  );
  refuses(
    "a file for systemd on Alpine",
    app({
      family: "alpine",
      template: alpine,
      files: { "/etc/systemd/system/notes.service": { content: "" } },
    }),
    "apps.wiki.files./etc/systemd/system/notes.service",
    /no systemd.*\/etc\/init\.d\//,
  );
  refuses(
    "a script for OpenRC that cannot be run",
    app({ family: "alpine", template: alpine, files: { "/etc/init.d/notes": { content: "" } } }),
    "apps.wiki.files./etc/init.d/notes.mode",
    /0644 does not let it\. Write "0755"/,
  );
  refuses(
    "an address on the LAN for an app of Alpine, whose filter and routes systemd would keep",
    app({
      family: "alpine",
      template: alpine,
      publicInterface: { ip: "192.168.1.50/24", gw: "192.168.1.1" },
    }),
    "apps.wiki.publicInterface",
    /Leave it out, or set the family to debian/,
  );
});
