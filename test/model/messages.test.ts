import assert from "node:assert/strict";

import { checkSecrets } from "../../model/secrets";
import { similar } from "../../model/similar";
import { problems } from "../support/problems";
import { full } from "../support/sites";

/** A site with a value at every kind of place. */
const whole = {
  ...full,
  storage: "local-lvm",
  network: { ...full.network, domain: "prox.local", allow: ["192.168.1.40/32"] },
  appliance: {
    ...full.appliance,
    vmid: 100,
    hostname: "prox-appliance",
    wan: { bridge: "vmbr0", address: "192.168.1.20/24", gateway: "192.168.1.1" },
  },
  apps: {
    ...full.apps,
    page: {
      vmid: 103,
      network: "platinum",
      mac: "02:00:00:00:01:01",
      packages: ["nginx-light"],
      services: ["nginx"],
      files: { "/srv/a": { content: "a", mode: "0644" } },
    },
  },
  guests: {
    gateway: {
      vmid: 120,
      internal: { bridge: "vmbr1", address: "10.0.0.2/24", gateway: "10.0.0.1" },
      nginx: { files: ["/etc/nginx/a"], ports: [443] },
      publicInterface: {
        ip: "192.168.1.30/24",
        firewall: {
          open: [80],
          aliases: { office: "192.168.2.0/24" },
          ipsets: { lan: ["192.168.1.0/24"] },
          rules: [
            { action: "DROP", protocol: "tcp", port: "22", source: "10.0.0.5", comment: "a" },
          ],
          policyIn: "DROP",
        },
      },
    },
  },
  obsoleteNat: ["10.0.0.2"],
};

const junk = [null, true, -1, 1.5, "", "%\n%", "x".repeat(300), [], { nokey: 1 }];

type Path = readonly string[];

/** Every place in a value, inner ones included. */
function placesIn(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, child]) => placesIn(child, [...path, key]));
  return [path, ...inner];
}

/** A copy with another value at one place. */
function withValue(root: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  const copy = Object.fromEntries(Object.entries(root ?? {}));
  copy[key] = withValue(copy[key], rest, value);
  return Array.isArray(root) ? Object.values(copy) : copy;
}

/** What would come from the library, or shows how a check is written. */
const foreign =
  /Invalid (input|string|key|option|element)|expected|received|match|Too (small|big)|undefined|\[object|\\[wdp]|\(\?|\[a-z|\[A-Z|\^/;

describe("the messages about a declaration", function () {
  // Thousands of declarations: a second or two, and many more on a busy machine.
  this.timeout(60_000);
  it("starts from one that is valid", () => {
    assert.deepEqual(problems(whole), []);
  });

  it("are sentences of our own, whatever is written wherever", function () {
    this.timeout(60_000);
    for (const place of placesIn(whole))
      for (const value of junk)
        for (const message of problems(withValue(whole, place, value))) {
          const where = `${place.join(".")} = ${JSON.stringify(value)}: ${message}`;
          assert.doesNotMatch(message, foreign, where);
          assert.match(message, /^\S[^]*: [^]*\S[.?]$/, where);
        }
  });

  const refused = (place: string, value: unknown) =>
    problems(withValue(whole, place.split("."), value)).join("\n");

  it("show the value and how to write it", () => {
    assert.equal(
      refused("apps.page.vmid", "abc"),
      'apps.page.vmid: "abc" is not a whole number. Write one without quotes, such as 8080.',
    );
    assert.equal(
      refused("apps.page.port", 70000),
      "apps.page.port: 70000 is too large. Write 65535 or less.",
    );
    assert.match(refused("storage", "a b"), /^storage: "a b" is not a storage name\. /);
    assert.match(
      refused("forwards.git.port", "22-"),
      /^forwards\.git\.port: "22-" is not a port\. /,
    );
    assert.equal(
      refused("template", undefined),
      "template: is missing. Write STORAGE:vztmpl/FILE, as `pveam list local` prints it.",
    );
  });

  it("do not show what may be a secret", () => {
    for (const message of [
      refused("apps.wiki.proxy.headers.request.set.X-From", "pass\nword"),
      refused("apps.page.files./srv/a", "pass\nword"),
      refused("apps.page.files./srv/a.content", 471147),
    ])
      assert.doesNotMatch(message, /pass|471147/);
  });

  it("ask whether another key or word was meant", () => {
    const { page } = whole.apps;
    assert.equal(
      refused("apps.page", { ...page, prot: 80 }),
      "apps.page.prot: is not a key here. Did you mean port?",
    );
    assert.match(refused("apps.page.network", "drect"), /Did you mean direct\?$/);
    assert.match(refused("netwrok", {}), /^netwrok: is not a key here\. Did you mean network\?$/m);
    assert.match(
      refused("node", { ...whole.node, colour: "red" }),
      /is not a key here\. Remove it\. The keys are name, ssh, candidates, abandon\.$/,
    );
  });

  it("name the key of a user whose name is not valid, and no hash", () => {
    const written = { consolePassword: undefined, basicAuth: { "al ice": "x" } };
    const found = checkSecrets(written, undefined).map(({ message }) => message);
    assert.match(found.join("\n"), /"al ice" is not a user name\./);
  });
});

describe("a similar word", () => {
  it("is one with few letters changed, swapped, or in another style", () => {
    const known = ["port", "publicInterface", "vmid", "memory"];
    assert.equal(similar("prot", known), "port");
    assert.equal(similar("public_interface", known), "publicInterface");
    assert.equal(similar("VMID", known), "vmid");
    assert.equal(similar("memori", known), "memory");
    assert.equal(similar("cores", known), undefined);
  });
});
