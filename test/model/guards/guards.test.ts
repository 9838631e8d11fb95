import assert from "node:assert/strict";

import {
  firewallFiles,
  hasClosedFirewall,
  hasHostKey,
  hasKnownNicTypes,
  hasNoSecretWords,
  type CommandInputs,
} from "../../../model/guards/command";
import {
  hasFreeVmid,
  hasLegalNames,
  hasUnicastMacs,
  parseGuestInputs,
  parseVmidRanges,
} from "../../../model/guards/container";
import { secretIn } from "../../../model/guards/secrets";
import { hasLegalSite } from "../../../model/guards/site";
import { isFiltered, keepsIsolation, sharesNothing } from "../../../model/guards/stack";
import { splitBundle } from "../../../model/bundle";
import { renderBundle } from "../../../render/bundle";

const paths = (problems: readonly { readonly path: string }[]) => problems.map(({ path }) => path);
const guest = parseGuestInputs;
const fw = (content: string): CommandInputs => ({
  stdin: `main() { :; }\n${renderBundle([{ path: "firewall/103.fw", mode: "0640", content }])}`,
});

describe("a bundle", () => {
  it("is read back as it was written, whatever its files hold", () => {
    const files = [
      { path: "files/etc/a", mode: "0644", content: "ä\nfile 0644 3 x\nend\n" },
      { path: "files/etc/b", mode: "0600", content: "" },
    ];
    assert.deepEqual(splitBundle(`script\n${renderBundle(files)}`), { script: "script\n", files });
  });
  it("that was cut is text, not half a bundle", () => {
    const cut = renderBundle([{ path: "files/a", mode: "0644", content: "abc" }]).slice(0, -8);
    assert.deepEqual(splitBundle(cut), { script: cut, files: [] });
  });
});

describe("the guards of one container", () => {
  it("refuse Proxmox's own VMIDs, reserved ones, and none", () => {
    const rule = hasFreeVmid(parseVmidRanges(["9000-9999"]));
    for (const vmId of [99, 9000, 9999])
      assert.equal(rule(guest({ vmId })).length, 1, String(vmId));
    for (const vmId of [100, 8999, 10000]) assert.deepEqual(rule(guest({ vmId })), []);
    assert.equal(rule(guest({})).length, 1);
    assert.throws(() => parseVmidRanges(["9000"]));
  });
  it("refuse names that the kernel or DNS would", () => {
    const nics = [{ name: "eth0", bridge: "vmbr0" }];
    const good = guest({ initialization: { hostname: "wiki" }, networkInterfaces: nics });
    assert.deepEqual(hasLegalNames(good), []);
    const bad = guest({
      initialization: { hostname: "Wiki" },
      networkInterfaces: [{ name: "eth0", bridge: "proximity-network" }],
    });
    assert.deepEqual(paths(hasLegalNames(bad)), [
      "initialization.hostname",
      "networkInterfaces[0].bridge",
    ]);
  });
  it("refuse a group address as MAC", () => {
    const nic = (macAddress: string) =>
      guest({ networkInterfaces: [{ name: "eth0", macAddress }] });
    assert.deepEqual(hasUnicastMacs(nic("02:00:00:00:00:01")), []);
    assert.equal(hasUnicastMacs(nic("03:00:00:00:00:01")).length, 1);
  });
});

describe("the guards of one command", () => {
  it("refuse a node without host key", () => {
    assert.deepEqual(hasHostKey({ connection: { hostKey: "ssh-ed25519 AAAA" } }), []);
    for (const bad of [{}, { connection: {} }, { connection: { hostKey: "" } }])
      assert.equal(hasHostKey(bad).length, 1);
  });
  it("refuse secrets in every word, but not on stdin, which can be kept secret", () => {
    const key = "-----BEGIN OPENSSH PRIVATE KEY-----";
    assert.deepEqual(hasNoSecretWords({ create: "bash -s -- apply", stdin: key }), []);
    const bad = { create: key, delete: key, environment: { KEY: key }, triggers: [key] };
    assert.deepEqual(paths(hasNoSecretWords(bad)), [
      "create",
      "delete",
      "environment.KEY",
      "triggers[0]",
    ]);
  });
  it("refuse types of interface that do not exist, outside of what goes into a guest", () => {
    const line = (type: string) => ({ stdin: `x\nlxc.net.1.type: ${type}\n` });
    assert.deepEqual(hasKnownNicTypes(line("macvlan")), []);
    assert.deepEqual(paths(hasKnownNicTypes(line("ipvlan"))), ["lxc.net.1.type"]);
    const inside = [{ path: "files/etc/x", mode: "0644", content: "lxc.net.1.type: ipvlan\n" }];
    assert.deepEqual(hasKnownNicTypes({ stdin: renderBundle(inside) }), []);
  });
  it("refuse a firewall that lets everything in", () => {
    assert.deepEqual(hasClosedFirewall(fw("[OPTIONS]\npolicy_in: DROP\n")), []);
    assert.equal(hasClosedFirewall(fw("[OPTIONS]\npolicy_in: ACCEPT\n")).length, 1);
  });
});

describe("the guards of a whole stack", () => {
  const named = (name: string, vmId: number, firewall = false) => ({
    name,
    guest: guest({
      vmId,
      initialization: { hostname: name, ipConfigs: [{ ipv4: { address: "10.20.0.9/24" } }] },
      networkInterfaces: [{ name: "eth0", macAddress: "02:00:00:00:00:01", firewall }],
    }),
  });
  it("refuse what two containers share", () => {
    assert.deepEqual(sharesNothing([named("a", 103)]), []);
    assert.deepEqual(paths(sharesNothing([named("a", 103), named("b", 103)])), [
      "b.vmId",
      "b.macAddress",
      "b.address",
    ]);
  });
  it("refuse rules for an interface that is not filtered", () => {
    const files = firewallFiles(fw("[RULES]\nIN HTTP(ACCEPT) -i net0\n"));
    assert.deepEqual(isFiltered([named("a", 103, true)], files), []);
    assert.deepEqual(paths(isFiltered([named("a", 103)], files)), [
      "a.networkInterfaces[0].firewall",
    ]);
    const any = firewallFiles(fw("[RULES]\nIN HTTP(ACCEPT)\n"));
    assert.equal(isFiltered([named("a", 103)], any).length, 1);
  });
  it("refuse a fallback", () => {
    assert.deepEqual(keepsIsolation({ onApplianceFailure: "fail" }), []);
    assert.equal(keepsIsolation({ onApplianceFailure: "fallback" }).length, 1);
  });
  it("ask the declaration's own rules about what is placed", () => {
    const pool = { start: "10.20.0.100", end: "10.20.0.250" };
    const network = { cidr: "10.20.0.0/24", gateway: "10.20.0.1", domain: "prox.local", pool };
    const appliance = { vmid: 100, hostname: "prox-appliance", node: "pve1" };
    assert.deepEqual(hasLegalSite({ network, appliance, apps: {} }), []);
    const moved = { ...network, gateway: "10.20.0.100" };
    assert.deepEqual(paths(hasLegalSite({ network: moved, appliance })), ["network.dhcp"]);
    assert.deepEqual(hasLegalSite({ mode: "empty" }), []);
  });
});

describe("secretIn", () => {
  const secrets = [
    "pulumi@pve!lab=0b9bf2b6-6f2c-4a62-8a5b-3c7d2f5f7a10",
    "https://me:hunter2@example.org/",
    `$6$salt$${"a".repeat(86)}`,
    `$2y$10$${"a".repeat(53)}`,
    `ghp_${"a".repeat(36)}`,
  ];
  for (const text of secrets)
    it(`knows ${text.slice(0, 12)}`, () => {
      assert.notEqual(secretIn(`x ${text} y`), undefined);
    });
  it("leaves ordinary configuration alone", () => {
    for (const text of ["http://nginx:8080/", "$1 $host", "ssh-ed25519 AAAA", "password = /etc/x"])
      assert.equal(secretIn(text), undefined);
  });
});
