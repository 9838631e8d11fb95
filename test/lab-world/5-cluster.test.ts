import assert from "node:assert/strict";

import { waitFor } from "../../lab/world/wait";
import { Client, list, record } from "../lab/support/client";
import { needRoot, TEMPLATE, TestLab } from "./support/labs";
import { sshTo } from "./support/ssh";

describe("a lab of two nodes", function () {
  this.timeout(900_000);
  let lab: TestLab;
  let first: Client;
  let second: Client;

  before(function () {
    needRoot(this);
    lab = new TestLab("spec-cluster", 23200);
    lab.up("--nodes", "2");
    first = new Client(lab.portBase + 6);
    second = new Client(lab.portBase + 7);
  });
  after(() => {
    lab.end();
  });

  const nodes = async (client: Client) =>
    list((await client.call("GET", "/nodes")).data).map(record);
  const create = (node: string, vmid: number, more = "") =>
    lab.on(
      node,
      ...[
        "sh",
        "-c",
        `pct create ${vmid} ${TEMPLATE} --rootfs local-lvm:1 --unprivileged 1 ${more}`,
      ],
    );

  it("has each node in namespaces, with its own address, SSH and API", async () => {
    const { ssh, hosts } = lab.status();
    assert.deepEqual(Object.keys(hosts), ["router", "outside", "lan-client", "pve1", "pve2"]);
    for (const [index, node] of ["pve1", "pve2"].entries()) {
      assert.equal((await sshTo(ssh.port + index, ssh.hostKey, "hostname")).stdout, `${node}\n`);
      const address = lab.mustOn(node, "curl -sS http://192.168.1.50/");
      assert.equal(address, `192.168.1.1${index}`);
      assert.equal(lab.mustOn("lan-client", `dig +short ${node}.lan.example.net`), address);
    }
    for (const client of [first, second]) {
      const both = await nodes(client);
      assert.deepEqual(
        both.map(({ node, status }) => [node, status]),
        [
          ["pve1", "online"],
          ["pve2", "online"],
        ],
      );
      for (const { mem, maxmem } of both)
        assert.ok(Number(mem) > 0 && Number(mem) < Number(maxmem));
    }
  });

  it("refuses another number of nodes while the lab lives", () => {
    const { code, stderr } = lab.run("up", ["--nodes", "3"]);
    assert.equal(code, 1);
    assert.match(stderr, /number of nodes 2, not 3: run lab down/);
    assert.match(lab.up(), /is up already/);
  });

  it("shares /etc/pve, and leads each node to its own guests", async () => {
    assert.equal(create("pve1", 100, "--onboot 1 --start 1").code, 0);
    assert.equal(create("pve2", 200, "--onboot 1 --start 1").code, 0);
    const taken = create("pve2", 100);
    assert.match(taken.stderr, /CT 100 already exists on node 'pve1'/);
    for (const [node, own, other] of [
      ["pve1", 100, 200],
      ["pve2", 200, 100],
    ] as const) {
      assert.equal(lab.mustOn(node, "ls /etc/pve/lxc"), `${own}.conf`);
      assert.equal(lab.mustOn(node, "ls /etc/pve/local/lxc"), `${own}.conf`);
      const everywhere = "cd /etc/pve/nodes; ls */lxc/*.conf";
      assert.equal(lab.mustOn(node, everywhere), "pve1/lxc/100.conf\npve2/lxc/200.conf");
      assert.match(lab.mustOn(node, "pct list"), new RegExp(`^VMID.*\n${own} +running`));
      assert.equal(lab.on(node, "pct", "exec", String(other), "--", "true").code, 2);
      assert.equal(lab.on(node, "pct", "exec", String(own), "--", "true").code, 0);
    }
    const { data } = await first.call("GET", "/nodes/pve2/lxc");
    assert.deepEqual(
      list(data).map((guest) => record(guest)["vmid"]),
      [200],
    );
  });

  it("shows a node's load while a guest on it works", async () => {
    const cpu = async () => Number((await nodes(first))[1]?.["cpu"]);
    await cpu();
    lab.mustOn("pve2", "pct exec 200 -- sh -c 'timeout 2 sh -c \"while :; do :; done\" || true'");
    assert.ok((await cpu()) > 0.1);
  });

  it("goes on without a node, but changes nothing without a majority, until it is back", async () => {
    lab.must("fault", ["host", "pve2", "off"]);
    const [, off] = await nodes(first);
    assert.deepEqual([off?.["node"], off?.["status"]], ["pve2", "offline"]);
    assert.equal((await first.call("GET", "/nodes/pve2/lxc")).status, 595);
    await assert.rejects(second.call("GET", "/nodes"), /ECONNRESET/);
    assert.equal(lab.mustOn("pve1", "cat /etc/pve/nodes/pve2/lxc/200.conf | grep -c onboot"), "1");
    assert.match(create("pve1", 101).stderr, /cluster not ready - no quorum\?/);
    assert.equal(lab.mustOn("pve1", "ls /etc/pve/lxc"), "100.conf");
    const write = () => lab.on("pve1", "sh", "-c", "echo '# mine' >>/etc/pve/user.cfg");
    await waitFor("the cluster's files to be read-only", 5000, () => write().code !== 0);
    assert.match(write().stderr, /Read-only file system/);
    lab.must("fault", ["clear"]);
    assert.deepEqual(write(), { code: 0, stdout: "", stderr: "" });
    await waitFor("200 to run", 20_000, () =>
      lab.on("pve2", "pct", "status", "200").stdout.includes("running"),
    );
    assert.equal(lab.on("pve1", "pct", "status", "100").stdout, "status: running\n");
    assert.equal(create("pve1", 101).code, 0);
  });

  it("filters the guests of every node, by one switch of the cluster", async () => {
    const net0 = (last: number) =>
      `--net0 name=eth0,bridge=vmbr0,ip=192.168.1.${last}/24,firewall=1`;
    for (const [node, vmid, last] of [
      ["pve1", 100, 60],
      ["pve2", 200, 61],
    ] as const) {
      lab.mustOn(node, `pct set ${vmid} ${net0(last)} && pct reboot ${vmid}`);
      lab.mustOn(
        node,
        `mkdir -p /etc/pve/firewall; printf '[OPTIONS]\nenable: 1\n' >/etc/pve/firewall/${vmid}.fw`,
      );
    }
    const answers = (last: number): boolean =>
      lab.on("lan-client", "ping", "-c1", "-W1", `192.168.1.${last}`).code === 0;
    await waitFor("both guests to answer", 20_000, () => answers(60) && answers(61));
    lab.mustOn("pve2", "printf '[OPTIONS]\nenable: 1\n' >/etc/pve/firewall/cluster.fw");
    await waitFor("both guests to be closed", 10_000, () => !answers(60) && !answers(61));
    const ping = "printf '[OPTIONS]\nenable: 1\n[RULES]\nIN Ping(ACCEPT)\n'";
    lab.mustOn("pve1", `${ping} >/etc/pve/firewall/200.fw`);
    await waitFor("the second one to be open", 10_000, () => answers(61));
    assert.equal(answers(60), false);
    lab.mustOn("pve1", "rm -r /etc/pve/firewall");
  });

  it("downloads a template from the outside host, and makes a container of it", async () => {
    lab.mustOn(
      "outside",
      "mkdir -p /srv/images && head -c 100000 /dev/zero >/srv/images/x.tar.zst",
    );
    const url = "http://outside.example.net/images/x.tar.zst";
    const about = await first.call("GET", "/nodes/pve2/query-url-metadata", { url });
    assert.deepEqual(about.data, {
      filename: "x.tar.zst",
      size: 100000,
      mimetype: "application/octet-stream",
    });
    const download = (from: string, filename: string) =>
      first.run("POST", "/nodes/pve2/storage/local/download-url", {
        ...{ content: "vztmpl", filename, url: from, node: "pve2", storage: "local" },
      });
    assert.equal(await download(url, "x.tar.zst"), "OK");
    assert.match(await download(`${url}.none`, "y.tar.zst"), /download of .* failed.*404/);
    const on = async (node: string) =>
      list((await first.call("GET", `/nodes/${node}/storage/local/content`)).data)
        .map(record)
        .map(({ volid, size }) => [volid, size]);
    assert.deepEqual((await on("pve2"))[1], ["local:vztmpl/x.tar.zst", 100000]);
    assert.equal((await on("pve1")).length, 1, "a node's local storage is its own");
    assert.equal((await on("pve2")).length, 2, "a failed download leaves no file");
  });

  it("limits a guest's memory and processor time, and grows its disk", () => {
    const group = "/sys/fs/cgroup/memory/lxc/101/memory.limit_in_bytes";
    lab.mustOn("pve1", "pct set 101 --memory 128 --cores 1 && pct start 101");
    if (lab.on("pve1", "test", "-e", group).code === 0) {
      assert.equal(lab.mustOn("pve1", `cat ${group}`), String(128 * 2 ** 20));
    } else {
      console.log("      this machine has cgroups of version 2");
    }
    const eat = "head -c 300M /dev/zero | tail -c 300M >/dev/null; echo $?";
    const said = lab.on("pve1", "pct", "exec", "101", "--", "sh", "-c", eat);
    assert.equal(said.stdout, "137\n", "killed for want of memory");
    lab.mustOn("pve1", "pct resize 101 rootfs 3G && pct reboot 101");
    const size = lab.on("pve1", "pct", "exec", "101", "--", "df", "-BM", "--output=size", "/");
    const mebibytes = Number(/^ *(\d+)M$/m.exec(size.stdout)?.[1]);
    assert.ok(mebibytes > 2900 && mebibytes <= 3072, size.stdout);
  });
});
