import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { compile } from "../../../lab/firewall/compile";

const read = (file: string): string => readFileSync(join(__dirname, "verdicts", file), "utf8");

/** Names of Debian's /etc/services and /etc/protocols that the rules use. */
const services = [
  ...["ssh 22", "domain 53", "http 80", "kerberos 88", "https 443", "submission 587"],
  ...["postgresql 5432", "x11 6000", "http-alt 8080"],
];
const protocols = [
  ...["ip 0", "hopopt 0", "icmp 1", "igmp 2", "ipencap 4", "tcp 6", "udp 17", "dccp 33", "ipv6 41"],
  ...["gre 47", "esp 50", "ah 51", "ipv6-icmp 58", "ipv6-nonxt 59", "eigrp 88", "ospf 89"],
  ...["ax.25 93", "ipip 94", "encap 98", "pim 103", "ipcomp 108", "vrrp 112", "l2tp 115"],
  ...["isis 124", "sctp 132", "mobility-header 135", "udplite 136", "hip 139"],
];

interface Row {
  readonly rule: string;
  readonly refused: string;
}

const rows: readonly Row[] = read("rules.tsv")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("# "))
  .map((line) => {
    const [rule = "", refused = ""] = line.split("\t");
    return { rule, refused };
  });

const guest = read("guest.fw");
const nic = "net0: name=eth0,bridge=vmbr0,hwaddr=BC:24:11:00:00:01,ip=10.0.0.5/24,firewall=1\n";

/** What the lab says about a rule; empty if it is in force. */
function problemsOf(rule: string): readonly string[] {
  const files = {
    "/etc/services": services.map((line) => `${line}/tcp\n`).join(""),
    "/etc/protocols": protocols.map((line) => `${line} NAME\n`).join(""),
    "/etc/pve/firewall/cluster.fw": read("cluster.fw"),
    "/etc/pve/firewall/101.fw": `${guest}${rule}\n`,
    "/etc/pve/nodes/pve1/lxc/101.conf": nic,
  };
  return compile("pve1", new Map(Object.entries(files))).problems.map(({ reason }) => reason);
}

describe("the lab's reader of firewall rules, against the verdicts of Proxmox's own", () => {
  it("has a table of both kinds, and a file around the rules without a problem", () => {
    assert.ok(rows.length > 550);
    assert.ok(rows.filter(({ refused }) => refused === "").length > 300);
    assert.deepEqual(problemsOf(""), []);
  });

  it("refuses the same rules", () => {
    const differ = rows.flatMap(({ rule, refused }) => {
      const problems = problemsOf(rule);
      if ((problems.length === 0) === (refused === "")) return [];
      return [
        `${rule}: Proxmox ${refused || "takes it"}, the lab ${problems.join() || "takes it"}`,
      ];
    });
    assert.deepEqual(differ, []);
  });
});
