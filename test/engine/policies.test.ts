import assert from "node:assert/strict";

import { startMemoryLab, type MemoryLab } from "../lab/support/memory-lab";
import { policies } from "../../policies/list";
import { ProjectCopy, type Edit } from "./support/project";

/** One changed line that one policy refuses, and what a person then reads. */
interface Violation extends Edit {
  readonly policy: string;
  /** Type and name of the resource that is named. */
  readonly on: string;
  readonly says: RegExp;
  /** The pack's configuration, for policies that have one. */
  readonly config?: Readonly<Record<string, unknown>>;
}

const container = "ContainerLegacy: ";
const command = "command:remote:Command: ";
const wholeStack = "pulumi:pulumi:Stack: proximity-lan-dev";

const violations: readonly Violation[] = [
  {
    policy: "unprivileged",
    file: "components/container.ts",
    from: "unprivileged: true",
    to: "unprivileged: false",
    on: `${container}web`,
    says: /the container is privileged, so its root is root on the node\. Set it to true\./,
  },
  {
    policy: "nesting-only",
    file: "components/container.ts",
    from: "features: { nesting: true }",
    to: "features: { nesting: true, keyctl: true }",
    on: `${container}web`,
    says: /features\.keyctl: only root@pam may set this, .* Leave it out\./,
  },
  {
    policy: "one-gateway",
    file: "components/appliance.ts",
    from: "address: `${network.gateway}/${network.cidr.prefix}`",
    to: 'address: "dhcp"',
    on: `${container}prox-appliance`,
    says: /net0 and net1 each bring a default gateway, and two compete\. Keep one\./,
  },
  {
    policy: "free-vmid",
    file: "Pulumi.dev.yaml",
    from: "vmid: 101",
    to: "vmid: 9001",
    on: `${container}web`,
    says: /vmId: 9001 lies in the reserved range 9000-9999\. Choose another VMID\./,
    config: { "free-vmid": { reserved: ["9000-9999"] } },
  },
  {
    policy: "legal-names",
    file: "components/app-container.ts",
    from: "hostname: app.name,",
    to: "hostname: app.name.toUpperCase(),",
    on: `${container}web`,
    says: /hostname: "WEB" is no host name\. Use at most 63/,
  },
  {
    policy: "unicast-mac",
    file: "components/container.ts",
    from: "macAddress: mac }",
    to: 'macAddress: "03:00:00:00:00:01" }',
    on: `${container}web`,
    says: /03:00:00:00:00:01 is no unicast MAC address\. Make its second digit even\./,
  },
  {
    policy: "host-key",
    file: "components/node.ts",
    from: "hostKey: ssh.hostKey",
    to: 'hostKey: ""',
    on: `${command}web-setup`,
    says: /hostKey: is missing, so any machine that answers gets root's scripts\. Give/,
  },
  {
    policy: "no-secret-words",
    file: "components/app-container.ts",
    from: "String(app.port),",
    to: 'String(app.port), "pulumi@pve!ci=00000000-0000-4000-8000-000000000001",',
    on: `${command}web-setup`,
    says: /create: holds an API token of Proxmox, .* Send it on stdin, as a Pulumi secret\./,
  },
  {
    policy: "nic-type",
    file: "components/script.ts",
    from: ".apply(renderBundle),",
    to: ".apply((all) => `lxc.net.1.type: ipvlan\\n${renderBundle(all)}`),",
    on: `${command}web-setup`,
    says: /lxc\.net\.1\.type: a container has no interface of type ipvlan\. Use veth or macvlan\./,
  },
  {
    policy: "closed-firewall",
    file: "Pulumi.dev.yaml",
    from: "- nginx-light",
    to: '- nginx-light\n        files: { /firewall/101.fw: { content: "policy_in: ACCEPT\\n" } }',
    on: `${command}web-setup`,
    says: /policy_in is ACCEPT, so everything not named comes in\. Use DROP, and a rule for each port\./,
  },
  {
    policy: "nothing-shared",
    file: "components/container.ts",
    from: "vmId: spec.vmid",
    to: "vmId: 101",
    on: wholeStack,
    says: /VMID 101 is also that of .*\. Change one of them\./,
  },
  {
    policy: "addresses",
    file: "outputs.ts",
    from: "cidr: networkOf(cidr), gateway,",
    to: "cidr: networkOf(cidr), gateway: dhcp.start,",
    on: wholeStack,
    says: /network\.dhcp: the pool .* holds the gateway 10\.20\.0\.100\. Move one of them\./,
  },
  {
    policy: "filtered",
    file: "Pulumi.dev.yaml",
    from: "- nginx-light",
    to: '- nginx-light\n        files: { /firewall/101.fw: { content: "[RULES]\\nIN HTTP(ACCEPT) -i net0\\n" } }',
    on: wholeStack,
    says: /the rules of .*101\.fw never act on net0\. Set firewall to true on it\./,
  },
  {
    policy: "no-fallback",
    file: "Pulumi.dev.yaml",
    from: "storage: local-lvm",
    to: "storage: local-lvm\n    onApplianceFailure: fallback",
    on: wholeStack,
    says: /onApplianceFailure: fallback puts the apps on the LAN .* Use fail\./,
  },
];

describe("the policy pack, on the real engine", function () {
  this.timeout(240_000);
  let memory: MemoryLab;
  let copy: ProjectCopy;

  before(async () => {
    memory = await startMemoryLab();
    copy = new ProjectCopy();
    await copy.useStack("examples/platinum-small.yaml", memory.port);
    await copy.must("toolchain/pulumi", ["stack", "tag", "set", "production", "true"]);
  });
  after(async () => {
    copy.remove();
    await memory.lab.close();
  });

  it("is quiet about a good plan", async () => {
    const { code, output } = await copy.preview();
    assert.equal(code, 0, output);
    assert.match(output, /Policies:\n +✅ proximity-lan@v/);
    assert.doesNotMatch(output, /can't run policy|\[(mandatory|advisory)\]|warning/);
  });

  // One preview for all the lines of a kind: each policy looks at its own line. Those over the whole
  // stack are asked only when every resource was taken.
  // Falling back is apart: where an app will be is not known then, and so not whether it is filtered.
  for (const [kind, isOfKind] of [
    ["resource", ({ on }: Violation) => on !== wholeStack],
    ["stack", ({ on, policy }: Violation) => on === wholeStack && policy !== "no-fallback"],
    ["stack that may fall back", ({ policy }: Violation) => policy === "no-fallback"],
  ] as const)
    describe(`with one changed line for each policy over a ${kind}`, () => {
      const lines = violations.filter(isOfKind);
      let output: string;

      before(async () => {
        const config = Object.assign({}, ...lines.map((one) => one.config ?? {})) as object;
        copy.write("policies/config.json", JSON.stringify(config));
        const undo = lines.map((line) => copy.edit(line));
        const ended = await copy.preview("--policy-pack-config", "policies/config.json");
        for (const back of undo.reverse()) back();
        assert.notEqual(ended.code, 0, ended.output);
        output = ended.output;
      });

      for (const { policy, on, says } of lines)
        it(`refuses ${policy}, naming resource, problem and remedy`, () => {
          const about = policies.find(({ name }) => name === policy);
          const start = `mandatory] [severity: ${about?.severity ?? ""}]  ${policy}  (`;
          const told = output
            .split(/^ +- \[/m)
            .find((text) => text.startsWith(start) && text.includes(`${on})`));
          assert.ok(told, output);
          assert.ok(told.includes(about?.description ?? "?"), told);
          assert.match(told, says);
        });
    });

  it("is configured policy by policy: one told and gone on from, one not asked", async () => {
    const config = { unprivileged: "advisory", "nesting-only": { enforcementLevel: "disabled" } };
    copy.write("policies/config.json", JSON.stringify(config));
    const lines = violations.filter(({ policy }) => policy in config);
    assert.equal(lines.length, 2);
    const undo = lines.map((line) => copy.edit(line));
    const { code, output } = await copy.preview("--policy-pack-config", "policies/config.json");
    for (const back of undo.reverse()) back();
    assert.equal(code, 0, output);
    assert.match(output, /\[advisory\] \[severity: critical\] {2}unprivileged {2}\(/);
    assert.doesNotMatch(output, /nesting-only|\[mandatory\]/);
  });

  it("has a violation for every policy", () => {
    const tried = violations.map(({ policy }) => policy);
    assert.deepEqual(
      policies.map(({ name }) => name).filter((name) => !tried.includes(name)),
      [],
    );
  });
});
