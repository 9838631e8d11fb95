import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { waitFor } from "../../lab/world/wait";
import { renderBundle } from "../../render/bundle";
import { needRoot, TEMPLATE, TestLab, type Said } from "./support/labs";

const folder = join(__dirname, "../../scripts/node");
const read = (file: string): string => readFileSync(join(folder, file), "utf8");
const tag = "proximity-lan-spec";
const conf = "/etc/pve/lxc/101.conf";
const mac = "02:00:00:00:01:01";

const linesWith = (address: string): readonly string[] => [
  "lxc.net.1.type: macvlan",
  "lxc.net.1.macvlan.mode: bridge",
  "lxc.net.1.link: vmbr0",
  "lxc.net.1.name: eth1",
  `lxc.net.1.hwaddr: ${mac}`,
  "lxc.net.1.flags: up",
  `lxc.net.1.ipv4.address: ${address}/24`,
];

describe("a guest's macvlan interface and its files on a node", function () {
  this.timeout(300_000);
  const lab = new TestLab(`${process.env["LAB_NAME"] ?? "spec"}-nic`, 22700);
  const run = (script: string, words: readonly string[], payload = ""): Said =>
    lab.run(
      "exec",
      ["pve1", "bash", "-s", "--", ...words],
      `${read("lib.sh")}\n${read(script)}${payload}`,
    );
  const nic = (...words: readonly string[]): Said => run("public-nic.sh", words);
  /** What it reported: its notices, and its progress. */
  const succeeds = ({ code, stdout, stderr }: Said): string => {
    assert.equal(code, 0, stderr);
    return stdout + stderr;
  };
  const text = (): string => lab.must("exec", ["pve1", "cat", conf]);
  const bootOf = (): string =>
    lab.mustOn("pve1", "pct exec 101 -- sh -c \"awk '{ print \\$22 }' /proc/1/stat\"");
  const addresses = (): string =>
    lab.mustOn("pve1", "pct exec 101 -- ip -4 -brief address show dev eth1").replace(/\s+/g, " ");
  let plain = "";

  before(async function () {
    needRoot(this);
    lab.up();
    lab.mustOn(
      "pve1",
      `pct create 101 ${TEMPLATE} --storage local-lvm --hostname gateway --unprivileged 1 \
        --features nesting=1 --tags ${tag} --net0 name=eth0,bridge=vmbr0,ip=192.168.1.60/24,gw=192.168.1.1 --start 1`,
    );
    await waitFor(
      "the guest to be up",
      30_000,
      () => lab.on("pve1", "pct", "exec", "101", "test", "-d", "/run/systemd/system").code === 0,
    );
  });
  after(() => {
    lab.end();
  });

  it("is written into the section of a stopped guest alone, and goes without a trace", () => {
    lab.mustOn("pve1", "pct stop 101");
    // A snapshot, pending changes, comments and a line of somebody else's.
    lab.mustOn(
      "pve1",
      `{ printf '#a comment with [brackets] and lxc.net.1.type: veth\\n'; cat ${conf}; printf 'lxc.cgroup2.devices.allow: c 10:200 rwm\\n\\n[pve:pending]\\nmemory: 768\\n\\n[before-update]\\nhostname: old\\nlxc.net.1.type: phys\\nsnaptime: 1\\n'; } >/tmp/conf && cp /tmp/conf ${conf}`,
    );
    const plain = text();
    succeeds(nic("attach", "101", tag, ...linesWith("192.168.1.153")));
    const [head = "", rest = ""] = plain.split(/(?<=rwm\n)/);
    assert.equal(text(), `${head}${linesWith("192.168.1.153").join("\n")}\n${rest}`);
    succeeds(nic("detach", "101", tag));
    assert.equal(text(), plain);
    lab.mustOn("pve1", "pct start 101");
  });

  it("is brought up in a running guest by one start", () => {
    // Proxmox has applied what was pending by now and written the file anew.
    plain = text();
    const before = bootOf();
    assert.match(
      succeeds(nic("attach", "101", tag, ...linesWith("192.168.1.153"))),
      /^info\t\d+\tpublic-nic\.sh: container 101 is restarted for its interface eth1$/m,
    );
    assert.notEqual(bootOf(), before);
    assert.match(addresses(), / 192\.168\.1\.153\/24/);
    assert.equal(lab.mustOn("pve1", "pct exec 101 -- cat /sys/class/net/eth1/address"), mac);
  });

  it("is left alone the second time: no write, no start, not a word", () => {
    const before = [bootOf(), lab.mustOn("pve1", `stat -c %i ${conf}`)];
    assert.equal(succeeds(nic("attach", "101", tag, ...linesWith("192.168.1.153"))), "");
    assert.equal(
      succeeds(nic("prepare", "101", tag, "-", "-", "-", ...linesWith("192.168.1.153"))),
      "",
    );
    assert.deepEqual([bootOf(), lab.mustOn("pve1", `stat -c %i ${conf}`)], before);
  });

  it("takes lines that Proxmox wrote back in its own way for the same", () => {
    lab.mustOn(
      "pve1",
      `sed -i 's/^\\(lxc.net.1.[a-z0-9.]*\\): \\(mac.*\\|up\\)$/\\1 = \\2  /' ${conf}`,
    );
    const before = [bootOf(), text()];
    succeeds(nic("attach", "101", tag, ...linesWith("192.168.1.153")));
    assert.deepEqual([bootOf(), text()], before);
  });

  it("changes its address by one start, in the same place", () => {
    succeeds(nic("attach", "101", tag, ...linesWith("192.168.1.154")));
    assert.match(addresses(), / 192\.168\.1\.154\/24/);
    assert.equal(text().match(/^lxc\.net\.1\./gm)?.length, 8, "seven and the snapshot's one");
  });

  it("is started again when an update died between writing and starting", () => {
    lab.mustOn("pve1", `sed -i '0,/192.168.1.154/s//192.168.1.155/' ${conf}`);
    assert.match(
      succeeds(nic("attach", "101", tag, ...linesWith("192.168.1.155"))),
      /^info\t\d+\tpublic-nic\.sh: container 101 is restarted for its interface eth1$/m,
    );
    assert.match(addresses(), / 192\.168\.1\.155\/24/);
  });

  it("is never given an address that another one answers for", () => {
    const { code, stderr } = nic("prepare", "101", tag, "vmbr0", "192.168.1.50", mac);
    assert.notEqual(code, 0);
    assert.match(stderr, /192\.168\.1\.50 is taken: [0-9a-f:]{17} answers for it on vmbr0/);
    // The guest's own answer on net0 is no other one's.
    succeeds(
      nic("prepare", "101", tag, "vmbr0", "192.168.1.60", mac, ...linesWith("192.168.1.60")),
    );
    assert.match(
      nic("prepare", "101", tag, "vmbr9", "192.168.1.70", mac).stderr,
      /no bridge vmbr9/,
    );
  });

  it("is not given to a guest that the stack did not make", () => {
    const before = text();
    const { code, stderr } = nic(
      "attach",
      "101",
      "proximity-lan-other",
      ...linesWith("192.168.1.9"),
    );
    assert.notEqual(code, 0);
    assert.match(stderr, /container 101 is not one that this stack created; it was not touched/);
    assert.equal(text(), before);
  });

  it("gives the node a way to it by a shim, and takes that away", () => {
    const reach = "ping -c 1 -W 2 192.168.1.155 >/dev/null && echo yes || echo no";
    const files = lab.mustOn("pve1", "ls /etc/network/interfaces.d");
    assert.equal(lab.mustOn("pve1", reach), "no");
    succeeds(run("host-shim.sh", ["apply", "101", "vmbr0", "192.168.1.155"]));
    assert.equal(lab.mustOn("pve1", reach), "yes");
    assert.equal(succeeds(run("host-shim.sh", ["apply", "101", "vmbr0", "192.168.1.155"])), "");
    // The LAN sees the node under its one MAC still.
    lab.mustOn("lan-client", "ip neigh flush all; ping -c 1 -W 2 192.168.1.10 >/dev/null");
    assert.ok(
      lab
        .mustOn("lan-client", "ip neigh show 192.168.1.10")
        .includes(lab.mustOn("pve1", "cat /sys/class/net/vmbr0/address")),
    );
    succeeds(run("host-shim.sh", ["remove", "101", "vmbr0", "192.168.1.155"]));
    assert.equal(lab.mustOn("pve1", reach), "no");
    assert.equal(
      lab.mustOn("pve1", "ls /etc/network/interfaces.d; ls /sys/class/net | grep -c shim || true"),
      `${files}\n0`.trim(),
    );
  });

  it("goes without a start, and the file is byte for byte what it was", () => {
    const before = bootOf();
    succeeds(nic("detach", "101", tag));
    assert.equal(text(), plain);
    assert.equal(bootOf(), before);
    assert.notEqual(
      lab.on("pve1", "pct", "exec", "101", "test", "-e", "/sys/class/net/eth1").code,
      0,
    );
    assert.equal(succeeds(nic("detach", "101", tag)), "");
  });

  it("is checked against what the node has: bridge, addresses, names of the datacenter's firewall", () => {
    const file =
      "[ALIASES]\nHQ 10.1.0.0/24 # main\n\n[IPSET Branches] # all\n10.2.0.0/16\n\n[RULES]\nIN DROP\n";
    lab.must("exec", ["pve1", "sh", "-c", "cat >/etc/pve/firewall/cluster.fw"], file);
    const { code, stdout } = run("public-check.sh", ["vmbr0", "macvlan", "veth"]);
    lab.must("exec", ["pve1", "rm", "/etc/pve/firewall/cluster.fw"]);
    assert.equal(code, 0);
    assert.deepEqual(stdout.trimEnd().split("\n"), [
      "bridge\tvmbr0",
      `address\t${/address\t(\S+)/.exec(stdout)?.[1] ?? "none"}`,
      "alias\thq",
      "set\tbranches",
    ]);
  });

  describe("its .fw file", () => {
    const file = "/etc/pve/firewall/101.fw";
    const rules = (port: number) =>
      `[OPTIONS]\nenable: 1\npolicy_in: DROP\n\n[RULES]\nIN ACCEPT -i net1 -p tcp -dport ${port}\n`;
    const apply = (content: string) =>
      run(
        "firewall.sh",
        ["apply", "101", tag],
        renderBundle([{ path: "firewall/101.fw", mode: "0640", content }]),
      );
    const fw = () => lab.must("exec", ["pve1", "cat", file]);

    it("is placed, says what keeps it from acting, and is left alone the second time", () => {
      const words = succeeds(apply(rules(80)));
      assert.match(words, /^warning\t\d+\t.*the datacenter firewall is off/m);
      assert.match(words, /^warning\t\d+\t.*net1 has no firewall=1/m);
      assert.ok(fw().endsWith(`\n${rules(80)}`));
      const inode = lab.mustOn("pve1", `stat -c %i ${file}`);
      succeeds(apply(rules(80)));
      assert.equal(lab.mustOn("pve1", `stat -c %i ${file}`), inode);
    });

    it("stays as it was when Proxmox cannot read the new one, whose words are the error", () => {
      const before = fw();
      const { code, stderr } = apply(rules(80).replace("ACCEPT", "accept"));
      assert.notEqual(code, 0);
      assert.match(stderr, /cannot read the rules of guest 101, so the old ones stay: .*101\.fw/);
      assert.equal(fw(), before);
      lab.mustOn("pve1", `rm ${file}`);
      assert.notEqual(apply(rules(80).replace("ACCEPT", "accept")).code, 0);
      assert.notEqual(lab.on("pve1", "test", "-e", file).code, 0);
      succeeds(apply(rules(80)));
    });

    it("is shown and not overwritten when somebody changed it by hand", () => {
      lab.mustOn("pve1", `echo 'IN SSH(ACCEPT) -i net1' >>${file}`);
      const before = fw();
      const { code, stderr } = apply(rules(81));
      assert.notEqual(code, 0);
      assert.match(stderr, /^-IN SSH\(ACCEPT\) -i net1$/m);
      assert.match(stderr, /^\+IN ACCEPT -i net1 -p tcp -dport 81$/m);
      assert.match(stderr, /was changed by hand/);
      assert.equal(fw(), before);
    });

    it("is kept next to its place when it was changed by hand, and otherwise removed silently", () => {
      assert.match(succeeds(run("firewall.sh", ["remove", "101", tag])), /kept as .*\.by-hand/);
      assert.match(
        lab.mustOn("pve1", `cat ${file}.by-hand && rm ${file}.by-hand`),
        /IN SSH\(ACCEPT\) -i net1/,
      );
      assert.notEqual(lab.on("pve1", "test", "-e", file).code, 0);
      succeeds(apply(rules(80)));
      assert.equal(succeeds(run("firewall.sh", ["remove", "101", tag])), "");
      assert.notEqual(lab.on("pve1", "test", "-e", file).code, 0);
    });
  });
});
