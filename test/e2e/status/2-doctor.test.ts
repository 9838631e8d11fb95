import assert from "node:assert/strict";

import { checkout, mustOn } from "../support/world";

/** What the doctor printed as JSON. */
function told(): unknown {
  const { stdout } = checkout().run("npx", ["tsx", "commands/doctor.ts", "dev", "--json"]);
  return JSON.parse(stdout);
}

interface Told {
  readonly name: string;
  readonly verdict: string;
  readonly seen: string;
  readonly action?: string;
}

const verdicts = (results: unknown) =>
  (results as readonly Told[]).map(({ name, verdict }) => `${verdict} ${name}`);

describe("doctor", () => {
  it("finds a running site well", () => {
    const results = told() as readonly Told[];
    assert.deepEqual(
      results.filter(({ verdict }) => verdict !== "ok"),
      [],
    );
    checkout().must("make", ["doctor"]);
  });

  it("names a wrong host key, and still asks the API", () => {
    const good = checkout().read("Pulumi.dev.yaml");
    checkout().write(
      "Pulumi.dev.yaml",
      good.replace(/AAAAIbmlzdHAyNTYAAABBB./, "AAAAIbmlzdHAyNTYAAABBBX"),
    );
    const results = told() as readonly Told[];
    checkout().write("Pulumi.dev.yaml", good);
    const ssh = results.find(({ name }) => name === "SSH and host key");
    assert.equal(ssh?.verdict, "failed");
    assert.match(ssh.seen, /host key/);
    assert.ok(verdicts(results).includes("ok Proxmox API"));
    assert.ok(verdicts(results).includes("skipped bridge"));
  });

  it("names a missing privilege, a missing template and a wrong declaration", () => {
    mustOn(
      "pve1",
      "cp /etc/pve/user.cfg /tmp/user.cfg; sed 's/SDN.Use,//' /tmp/user.cfg >/etc/pve/user.cfg",
    );
    const good = checkout().read("Pulumi.dev.yaml");
    checkout().write(
      "Pulumi.dev.yaml",
      good.replace("debian-12-standard_12.12", "debian-12-standard_12.99"),
    );
    const results = told() as readonly Told[];
    mustOn("pve1", "cat /tmp/user.cfg >/etc/pve/user.cfg");
    assert.match(
      results.find(({ name }) => name === "token's privileges")?.seen ?? "",
      /missing: SDN\.Use on \/sdn\/zones\/localnetwork/,
    );
    assert.match(results.find(({ name }) => name === "template")?.action ?? "", /pveam download/);
    checkout().write("Pulumi.dev.yaml", good.replace("vmid: 101", "vmid: 1"));
    assert.deepEqual(verdicts(told()), ["failed declaration"]);
    checkout().write("Pulumi.dev.yaml", good);
  });
});

describe("inspect", () => {
  it("shows what a person would type by hand", () => {
    const text = checkout().must("make", ["inspect"]);
    assert.match(text, /\$ pct status 100\nstatus: running/);
    assert.match(text, /\$ ip link show proximity-lan\n\d+: proximity-lan/);
    assert.match(text, /10\.20\.0\.20 notes/);
  });
});
