import assert from "node:assert/strict";

import {
  hasHostKey,
  hasNoSecretFiles,
  hasNoSecretWords,
  type CommandInputs,
} from "../../../model/guards/command";
import { hasFreeVmid, parseGuestInputs, parseVmidRanges } from "../../../model/guards/container";
import { filtersOf, hasClosedFirewall, isFiltered } from "../../../model/guards/filters";
import { secretIn, secretInFile } from "../../../model/guards/secrets";
import { keepsIsolation, sharesNothing } from "../../../model/guards/stack";
import { splitBundle } from "../../../model/bundle";
import { renderBundle } from "../../../render/bundle";
import { renderGuestFilter } from "../../../render/guest-filter";
import { renderPveFirewall } from "../../../render/pve-firewall";
import { gatewayWith, site } from "../../support/sites";

const paths = (problems: readonly { readonly path: string }[]) => problems.map(({ path }) => path);
const guest = parseGuestInputs;
const placed = (path: string, content: string): CommandInputs => ({
  stdin: `main() { :; }\n${renderBundle([{ path, mode: "0640", content }])}`,
});
const fw = (content: string): CommandInputs => placed("firewall/103.fw", content);

describe("a bundle", () => {
  it("is read back as it was written, whatever its files hold", () => {
    const files = [
      { path: "files/etc/a", mode: "0644", content: "ä\nfile 0644 3 x\nend\n" },
      { path: "files/etc/b", mode: "0600", content: "" },
      { path: "files/etc/c", mode: "0600", content: "hunter2", isSecret: true },
    ].map((file) => ({ isSecret: false, ...file }));
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
  it("read a .fw file only where the node takes it, not where an app keeps one of that name", () => {
    const [filter] = filtersOf(fw("[OPTIONS]\npolicy_in: ACCEPT\n"));
    assert.equal(filter?.path, "/etc/pve/firewall/103.fw");
    const own = [
      { path: "files/srv/firewall/101.fw", mode: "0644", content: "policy_in: ACCEPT\n" },
    ];
    assert.deepEqual(filtersOf({ stdin: renderBundle(own) }), []);
  });
  it("refuse a rule that accepts every packet, unless one before it drops them", () => {
    const rules = (...lines: readonly string[]) =>
      hasClosedFirewall(fw(`[OPTIONS]\npolicy_in: DROP\n\n[RULES]\n${lines.join("\n")}\n`)).length;
    assert.equal(rules("IN ACCEPT -i net1 -p tcp -dport 22", "OUT ACCEPT -i net1"), 0);
    assert.equal(rules("IN ACCEPT -i net1 -log info # all"), 1);
    assert.equal(rules("IN ACCEPT -i net1 -source 0.0.0.0/1,128.0.0.0/1"), 1);
    assert.equal(rules("IN ACCEPT -i net1 -source 0.0.0.0/1"), 0);
    assert.equal(rules("|IN ACCEPT -i net1"), 0);
    assert.equal(rules("IN DROP -i net1", "IN ACCEPT -i net1"), 0);
  });
  it("look behind the names of aliases and sets, on the node and inside a guest alike", () => {
    const isOpen = (firewall: object) => {
      const opens = (["veth", "macvlan"] as const).map((type) => {
        const nic = site(gatewayWith({ type, firewall })).guests[0]?.publicInterface;
        assert.ok(nic);
        const command =
          type === "veth"
            ? fw(renderPveFirewall(nic.firewall))
            : placed("files/etc/proximity/public.nft", renderGuestFilter(nic));
        return hasClosedFirewall(command).length === 1;
      });
      assert.equal(opens[0], opens[1], JSON.stringify(firewall));
      return opens[0];
    };
    const aliases = { all: "0.0.0.0/0", half: "0.0.0.0/1" };
    const ipsets = { both: ["half", "128.0.0.0/1"], most: ["half", "128.0.0.0/1", "!10.0.0.1"] };
    const from = (source: string, rest = {}) => ({ aliases, ipsets, rules: [{ source, ...rest }] });
    for (const source of ["all", "+both", "::/0"]) assert.ok(isOpen(from(source)), source);
    for (const source of ["half", "+most", "fd00::/8"]) assert.ok(!isOpen(from(source)), source);
    assert.ok(!isOpen(from("all", { action: "DROP" })));
    assert.ok(isOpen({ ...from("all", { action: "DROP" }), policyIn: "ACCEPT" }));
  });
  it("take a secret in a file if it is a Pulumi secret", () => {
    const file = { path: "files/etc/token", mode: "0600", content: `ghp_${"a".repeat(36)}` };
    assert.deepEqual(hasNoSecretFiles({ stdin: renderBundle([{ ...file, isSecret: true }]) }), []);
    assert.deepEqual(paths(hasNoSecretFiles({ stdin: renderBundle([file]) })), ["/etc/token"]);
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
    const file = fw("[RULES]\nIN HTTP(ACCEPT) -i net0\n");
    assert.deepEqual(isFiltered([named("a", 103, true)], [file]), []);
    assert.deepEqual(paths(isFiltered([named("a", 103)], [file])), [
      "a.networkInterfaces[0].firewall",
    ]);
    assert.equal(isFiltered([named("a", 103)], [fw("[RULES]\nIN HTTP(ACCEPT)\n")]).length, 1);
  });
  it("refuse a fallback", () => {
    assert.deepEqual(keepsIsolation({ onApplianceFailure: "fail" }), []);
    assert.equal(keepsIsolation({ onApplianceFailure: "fallback" }).length, 1);
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

describe("secretInFile", () => {
  // A file from `source` may be long; each of these takes seconds where a pattern works by the square.
  for (const part of [
    "x",
    "a-",
    "a.",
    "a@",
    "a@b!",
    "a://",
    "a://b:",
    "password",
    "token ",
    "-----BEGIN A ",
  ])
    it(`reads 256 KiB of "${part}" in time`, () => {
      const started = performance.now();
      secretInFile(part.repeat(Math.ceil((256 * 1024) / part.length)));
      assert.ok(performance.now() - started < 1500);
    });

  const base64 = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMw";
  const pem = (kind: string) => `-----BEGIN ${kind}-----\n${base64}\n-----END ${kind}-----\n`;
  const uuid = "0b9bf2b6-6f2c-4a62-8a5b-3c7d2f5f7a10";

  for (const text of [
    pem("OPENSSH PRIVATE KEY"),
    pem("RSA PRIVATE KEY"),
    JSON.stringify({ key: pem("PRIVATE KEY") }),
    "aws_access_key_id = AKIAQ7W3ZJ5K2M4N6P8R",
    "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI7K7MDENGbPxRfiCYzzq1KEYxxQ2",
    `machine github.com password ghp_${"a1".repeat(18)}`,
    "token: glpat-x7KfQ2mNvB4cT9sWzL1d",
    "SLACK=xoxb-123456789012-abcdefGHIJKL",
    "DB_PASSWORD=s8Kq2vX9pL4mN7wZ",
    'password: "Tr0ubadOr3qX9"',
    `<password>kJ8mP2qR5tV9xZ3c</password>`,
    `api_key = ${uuid}`,
    "PrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=",
    "postgres://app:s3cr3tw0rd@10.20.0.5/app",
  ])
    it(`finds one in ${text.slice(0, 44).replaceAll("\n", " ")}`, () => {
      assert.notEqual(secretInFile(`# settings\n${text}\nnext: line\n`), undefined);
    });

  for (const text of [
    pem("CERTIFICATE"),
    pem("PUBLIC KEY"),
    `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA${base64} me@example`,
    'grep -q "BEGIN OPENSSH PRIVATE KEY-----" "$file" || exit 1',
    "-----BEGIN PRIVATE KEY-----\nREPLACE ME\n-----END PRIVATE KEY-----",
    `user:$2y$10$${"a".repeat(53)}`,
    `root:$6$salt$${"a".repeat(86)}:19000::::::`,
    `password_sha256 = ${"0123456789abcdef".repeat(4)}`,
    "DB_PASSWORD=CHANGE_ME_PLEASE_1",
    "DB_PASSWORD=${DB_PASSWORD}",
    "password = changeme",
    "password_file: /run/secrets/db-Password1",
    "token_url: https://id.example.org/oauth2/v2/token",
    "secret_name: my-app-secret-2",
    "aws_access_key_id = AKIAIOSFODNN7EXAMPLE",
    "postgres://app:password@localhost/app",
    "proxy_set_header Authorization $http_authorization;",
    "server_tokens off;",
    "csrfToken = document.querySelector('meta')",
    "max_token: 123456789012",
  ])
    it(`finds none in ${text.slice(0, 44).replaceAll("\n", " ")}`, () => {
      assert.equal(secretInFile(`# settings\n${text}\nnext: line\n`), undefined);
    });
});
