import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { LxcBackend } from "../../lab/backend/lxc-backend";
import { LAB_MARK, markedProcesses } from "../../lab/world/processes";
import { findPlace } from "../../lab/world/place";
import { waitFor } from "../../lab/world/wait";
import { backendContract } from "../lab/backend-contract";
import { Client, list, record } from "../lab/support/client";
import { needRoot, TestLab } from "./support/labs";

const TEMPLATE = "local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst";

/** A lab in the state folder that this process's own Place uses. */
function ownLab(name: string, portBase: number): TestLab {
  const lab = new TestLab(name, portBase);
  process.env["XDG_STATE_HOME"] = lab.stateHome;
  lab.up();
  return lab;
}

describe("guests on a node", function () {
  this.timeout(900_000);

  describe("through the API and pct", () => {
    let lab: TestLab;
    let untouched: string;
    const inGuest = (script: string): string =>
      lab.must("exec", ["pve1", "pct", "exec", "100", "--", "sh", "-s"], script).trim();
    const state = (): string => lab.on("pve1", "pct", "status", "100").stdout.trim();

    const isUp = (): Promise<void> =>
      waitFor("the guest to be up", 30_000, () =>
        /^(running|degraded)/.test(
          lab.on("pve1", "pct", "exec", "100", "systemctl", "is-system-running").stdout,
        ),
      );

    /** Every file, folder and interface of the node, guests' own files apart. */
    const nodeState = (): string =>
      lab.mustOn(
        "pve1",
        `find / /etc/pve -xdev \\( -path /tmp -o -path /run -o -path /proc -o -path /sys \\) -prune -o -type f -print0 |
          sort -z | xargs -0 sha256sum
        find / -xdev -type d \\( -path /proc -o -path /sys -o -path /run \\) -prune -o -type d -printf '%p %m %u\\n' | sort
        find /var/lib/vz /var/lib/pve-lab -maxdepth 3 -not -path '*/unpacked/*' | sort
        ip -brief link | awk '{ print $1 }'; ip -brief address; ip route; nft list ruleset
        readlink /sys/class/net/*/master
        awk '/lxc/' /proc/mounts`,
      );

    before(function () {
      needRoot(this);
      lab = ownLab("spec-guests", 18700);
      untouched = nodeState();
    });
    after(() => {
      lab.end();
    });

    it("creates and starts a container", () => {
      lab.mustOn(
        "pve1",
        `pct create 100 ${TEMPLATE} --storage local-lvm --hostname app --unprivileged 1 \
          --features nesting=1 --net0 name=eth0,bridge=vmbr0,ip=dhcp --start 1`,
      );
      assert.equal(state(), "status: running");
    });

    it("comes up with an address of the router's DHCP range, its resolver, and no failed unit", async () => {
      await isUp();
      assert.equal(inGuest("systemctl --failed --no-legend"), "");
      await waitFor("a lease", 15_000, () =>
        inGuest("ip -4 -brief address show eth0").includes("192.168.1."),
      );
      const address = /192\.168\.1\.(\d+)\/24/.exec(inGuest("ip -4 -brief address show eth0"));
      const last = Number(address?.[1]);
      assert.ok(last >= 100 && last <= 199, String(last));
      assert.match(inGuest("cat /etc/resolv.conf"), /^nameserver 192\.168\.1\.1$/m);
      assert.equal(inGuest("wget -qO- http://198.51.100.10/"), `192.168.1.${last}`);
    });

    it("installs a Debian package through the lab's cache", () => {
      inGuest(
        "apt-get -qq update && apt-get -qq install -y --no-install-recommends jq >/dev/null 2>&1",
      );
      assert.equal(inGuest("echo '{\"a\":1}' | jq .a"), "1");
    });

    it("has its own host keys, setuid bits and capabilities, shifted", () => {
      assert.match(inGuest("ls /etc/ssh/ssh_host_*_key"), /ed25519/);
      assert.equal(inGuest("stat -c '%U %a' /usr/bin/su"), "root 4755");
      // ping without privileges works by its file capability only.
      assert.equal(
        inGuest("setpriv --reuid nobody --clear-groups ping -qc1 192.168.1.1 >/dev/null; echo $?"),
        "0",
      );
      assert.match(lab.mustOn("pve1", "stat -c %u /var/lib/lxc/100/rootfs/root"), /^100000$/);
    });

    it("has a folder and a device of the node after its next start, when root says so", async () => {
      lab.mustOn("pve1", "mkdir -p '/srv/two words' && echo data >'/srv/two words/file'");
      lab.mustOn("pve1", "pct set 100 -mp0 '/srv/two words,mp=/srv/shared,ro=1' -dev0 /dev/fuse");
      lab.mustOn("pve1", "pct reboot 100");
      await isUp();
      assert.equal(inGuest("cat /srv/shared/file"), "data");
      assert.equal(inGuest("test -w /srv/shared/file || echo read-only"), "read-only");
      assert.equal(inGuest("stat -c %F /dev/fuse"), "character special file");
      lab.mustOn(
        "pve1",
        "pct set 100 --delete mp0,dev0 && pct reboot 100 && rm -r '/srv/two words'",
      );
      await isUp();
      assert.equal(inGuest("ls -A /srv/shared"), "");
    });

    it("hands pct exec the streams, the arguments as they are, and the exit code", () => {
      const run = (args: readonly string[], input = "") =>
        lab.run("exec", ["pve1", "pct", "exec", ...args], input);
      assert.deepEqual(run(["100", "--", "sh", "-c", "cat; echo err >&2; exit 7"], "in\n"), {
        code: 7,
        stdout: "in\n",
        stderr: "err\n",
      });
      assert.equal(
        run(["100", "--keep-env", "0", "--", "printf", "%s|", "a b", "$HOME", "*"]).stdout,
        "a b|$HOME|*|",
      );
      assert.equal(run(["100", "--", "printf", "%s", "--keep-env"]).stdout, "--keep-env");
      const unknown = run(["777", "--", "true"]);
      assert.equal(unknown.code, 2);
      assert.match(
        unknown.stderr,
        /Configuration file 'nodes\/pve1\/lxc\/777.conf' does not exist/,
      );
    });

    it("pushes and pulls bytes with mode and owner", () => {
      const bytes = "a\0b\nlast";
      lab.run("exec", ["pve1", "sh", "-c", "cat >/tmp/source"], bytes);
      lab.mustOn(
        "pve1",
        "pct push 100 /tmp/source /root/pushed --perms 0640 --user daemon --group adm",
      );
      assert.equal(inGuest("stat -c '%U %G %a' /root/pushed"), "daemon adm 640");
      lab.mustOn("pve1", "pct pull 100 /root/pushed /tmp/pulled");
      assert.equal(lab.on("pve1", "cat", "/tmp/pulled").stdout, bytes);
      const missing = lab.on("pve1", "pct", "push", "100", "/tmp/source", "/no/such/folder/file");
      assert.notEqual(missing.code, 0);
    });

    it("tells the guest's interfaces as ip in the guest does, also after the reader was killed", async () => {
      const { api, folder } = lab.status();
      const client = new Client(api);
      const told = async (): Promise<readonly string[]> => {
        const { data } = await client.call("GET", "/nodes/pve1/lxc/100/interfaces");
        return list(data)
          .map(record)
          .flatMap(({ name, hwaddr, "ip-addresses": addresses }) => [
            [name, hwaddr].join(" "),
            ...list(addresses)
              .map(record)
              .map((one) => [one["ip-address"], one["prefix"]].join("/")),
          ]);
      };
      const known = (): readonly string[] =>
        list(JSON.parse(inGuest("ip -json address")))
          .map(record)
          .flatMap(({ ifname, address, addr_info: addresses }) => [
            [ifname, address].join(" "),
            ...list(addresses)
              .map(record)
              .map((one) => [one["local"], one["prefixlen"]].join("/")),
          ]);
      inGuest(`ip address add 10.9.8.7/20 dev lo
        ip address add 10.9.8.6/30 dev eth0 noprefixroute
        ip address add 10.7.0.1 peer 10.7.0.2/32 dev eth0
        ip address add 2001:db8:0:0:1::1/48 dev eth0 nodad`);
      assert.ok(known().includes("10.9.8.6/30"), known().join());
      assert.deepEqual(await told(), known());
      const readers = (): readonly number[] =>
        markedProcesses(LAB_MARK, folder).filter((pid) =>
          readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("links.pl"),
        );
      const [reader, ...others] = readers();
      assert.ok(reader !== undefined && others.length === 0);
      process.kill(reader, "SIGKILL");
      await waitFor("the reader to be gone", 5000, () => !readers().includes(reader));
      assert.deepEqual(await told(), known());
      inGuest(`ip address del 10.9.8.7/20 dev lo; ip address del 10.9.8.6/30 dev eth0
        ip address del 10.7.0.1 peer 10.7.0.2/32 dev eth0; ip address del 2001:db8:0:0:1::1/48 dev eth0`);
    });

    it("brings up a bridge of interfaces.d by ifreload and leaves guests on theirs", () => {
      const file = "/etc/network/interfaces.d/proximity-lan";
      lab.must("exec", ["pve1", "sh", "-c", `cat >${file}`], BRIDGE);
      lab.mustOn("pve1", "ifreload -a");
      assert.match(lab.mustOn("pve1", "ip -brief link show proximity-lan"), /^proximity-lan/);
      assert.equal(inGuest("ping -qc1 -W2 192.168.1.1 >/dev/null; echo $?"), "0");
      lab.mustOn("pve1", `rm ${file} && ifreload -a`);
      assert.notEqual(lab.on("pve1", "ip", "link", "show", "proximity-lan").code, 0);
      assert.equal(inGuest("ping -qc1 -W2 192.168.1.1 >/dev/null; echo $?"), "0");
    });

    it("gives a guest a macvlan port by raw lines after a reboot", () => {
      lab.mustOn(
        "pve1",
        `printf '%s\\n' 'lxc.net.1.type: macvlan' 'lxc.net.1.macvlan.mode: bridge' 'lxc.net.1.link: vmbr0' \
          'lxc.net.1.name: pub0' 'lxc.net.1.flags: up' >>/etc/pve/lxc/100.conf
        pct reboot 100`,
      );
      assert.match(inGuest("ip -details link show pub0"), /macvlan *mode bridge/);
    });

    it("shuts down in order, refuses exec when stopped, and keeps files", async () => {
      await isUp();
      inGuest("echo kept >/root/kept");
      lab.mustOn("pve1", "pct shutdown 100 --timeout 30");
      assert.equal(state(), "status: stopped");
      const said = lab.on("pve1", "pct", "exec", "100", "--", "true");
      assert.equal(said.code, 255);
      assert.match(said.stderr, /container '100' not running!/);
      lab.mustOn("pve1", "pct start 100");
      assert.equal(inGuest("cat /root/kept"), "kept");
    });

    it("stores a bridge that does not exist, ends with an error, and does not start the guest", () => {
      lab.mustOn("pve1", "pct stop 100");
      const set = lab.on("pve1", "pct", "set", "100", "--net0", "name=eth0,bridge=vmbr77,ip=dhcp");
      const start = lab.on("pve1", "pct", "start", "100");
      for (const { code, stderr } of [set, start]) {
        assert.notEqual(code, 0);
        assert.match(stderr, /bridge 'vmbr77' does not exist/);
      }
      assert.match(lab.mustOn("pve1", "pct config 100"), /^net0: .*bridge=vmbr77/m);
    });

    it("leaves the node as it was when the guest is destroyed", () => {
      lab.mustOn("pve1", "pct destroy 100; rm -f /tmp/source /tmp/pulled");
      const now = nodeState().split("\n");
      const then = untouched.split("\n");
      assert.deepEqual(
        {
          new: now.filter((line) => !then.includes(line)),
          gone: then.filter((line) => !now.includes(line)),
        },
        { new: [], gone: [] },
      );
    });
  });

  if (process.getuid?.() === 0) {
    let lab: TestLab | undefined;
    backendContract("LXC", {
      make: () => {
        lab = ownLab("spec-contract", 18800);
        const end = lab;
        const close = (): Promise<void> => {
          end.end();
          return Promise.resolve();
        };
        return Promise.resolve({ backend: new LxcBackend(findPlace("spec-contract")), close });
      },
      timeoutMs: 120_000,
    });
  }
});

const BRIDGE = `auto proximity-lan
iface proximity-lan inet manual
\tbridge-ports none
\tbridge-stp off
\tbridge-fd 0
`;
