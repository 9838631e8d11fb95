import assert from "node:assert/strict";

import { waitFor } from "../../lab/world/wait";
import { Client, record } from "../lab/support/client";
import { needRoot, TEMPLATE, TestLab } from "./support/labs";
import { sshTo } from "./support/ssh";

describe("faults of the lab's world", function () {
  this.timeout(900_000);
  let lab: TestLab;
  let client: Client;

  before(function () {
    needRoot(this);
    lab = new TestLab("spec-faults", 23100);
    lab.up();
    client = new Client(lab.portBase + 6);
  });
  after(() => {
    lab.end();
  });
  afterEach(() => {
    lab.must("fault", ["clear"]);
    assert.deepEqual(lab.status().problems, []);
  });

  const fault = (...words: readonly string[]): string => lab.must("fault", words);
  const ssh = (command: string) => {
    const { port, hostKey } = lab.status().ssh;
    return sshTo(port, hostKey, command);
  };
  const create = (vmid: number, ...more: readonly string[]): void => {
    const net = "name=eth0,bridge=vmbr0,ip=dhcp";
    const options = `--unprivileged 1 --features nesting=1 --net0 ${net} ${more.join(" ")}`;
    lab.mustOn("pve1", `pct create ${vmid} ${TEMPLATE} --rootfs local-lvm:1 ${options}`);
  };
  const inGuest = (vmid: number, script: string) =>
    lab.on("pve1", "pct", "exec", String(vmid), "--", "sh", "-c", script);
  const state = (vmid: number): string => lab.mustOn("pve1", `pct status ${vmid}`);

  it("refuses what makes no sense, names what there is, and keeps nothing of it", () => {
    for (const [words, remedy] of [
      [["service", "pve1/nginx", "down"], /Host pve1 has no daemon 'nginx': sshd, api/],
      [["host", "pve9", "off"], /no host 'pve9': router, outside, lan-client, pve1/],
      [["port", "router/dhcp", "silent"], /HOST\/udp:PORT/],
      [["disk", "777", "full"], /Guest 777 has no root disk/],
      [["moon", "full"], /Unknown kind of fault 'moon': see lab fault help/],
    ] as const) {
      const { code, stderr } = lab.run("fault", words);
      assert.equal(code, 1);
      assert.match(stderr, remedy);
    }
    assert.equal(fault("list"), "");
  });

  it("sets the API's clock back as well as ahead", async () => {
    const starttime = async (): Promise<number> => {
      const { data } = await client.call("POST", "/nodes/pve1/lxc/777/status/start");
      await client.task(data);
      // The fifth part of a UPID: seconds since 1970 in hexadecimal.
      return parseInt(String(data).split(":")[4] ?? "", 16);
    };
    fault("clock", "api", "jump", "-90000");
    const behind = Date.now() / 1000 - (await starttime());
    assert.ok(behind > 89_900 && behind < 90_100, String(behind));
  });

  it("grows a volume without its file system, and both when it is asked again", async () => {
    create(103, "--start", "1");
    const total = async (): Promise<number> => {
      const { data } = await client.call("GET", "/nodes/pve1/lxc/103/status/current");
      return Number(record(data)["maxdisk"]);
    };
    const before = await total();
    fault("resize", "103", "stuck", "--times", "1");
    assert.match(
      lab.mustOn("pve1", "pct resize 103 rootfs +1G"),
      /^Failed to update the container/,
    );
    lab.mustOn("pve1", "pct stop 103 && pct start 103");
    assert.equal(await total(), before);
    assert.match(lab.mustOn("pve1", "pct config 103"), /^rootfs: .*size=2G$/m);
    lab.mustOn("pve1", "pct resize 103 rootfs +1G && pct stop 103 && pct start 103");
    assert.ok((await total()) > before + 2 ** 30);
    lab.mustOn("pve1", "pct destroy 103 --force 1");
  });

  it("fails a request of the API, counted over a restart of the lab's server", async () => {
    const nodes = async () => (await client.call("GET", "/nodes")).status;
    fault("request", "GET /nodes", "status", "596", "--skip", "2", "--times", "1");
    assert.equal(await nodes(), 200);
    process.kill(lab.status().server ?? 0, "SIGKILL");
    await waitFor("the server to be missed", 5000, () => !lab.status().healthy);
    const { stderr } = lab.run("fault", ["list"]);
    assert.match(stderr, /server of lab spec-faults is down: run lab up --name spec-faults/);
    lab.up();
    assert.match(fault("list"), /596 \(after 1 more, 1 left\)/);
    assert.deepEqual([await nodes(), await nodes(), await nodes()], [200, 596, 200]);
    assert.equal(fault("list"), "");
  });

  it("keeps sshd down through lab up, until it is cleared", async () => {
    assert.equal((await ssh("true")).code, 0);
    fault("service", "pve1/sshd", "down");
    assert.equal((await ssh("true")).code, 255);
    assert.match(lab.on("lan-client", "curl", "-s", "192.168.1.10:22").code.toString(), /^7$/);
    assert.match(lab.up(), /is up already/);
    assert.equal((await ssh("true")).code, 255);
    fault("clear");
    assert.equal((await ssh("true")).code, 0);
  });

  it("cuts an SSH connection in mid-command, once", async () => {
    fault("connection", "192.168.1.10:22", "cut", "1500", "--times", "1");
    const { code, stdout } = await ssh("echo begun; exec sleep 30");
    assert.deepEqual([code, stdout], [255, "begun\n"]);
    assert.equal((await ssh("true")).code, 0);
  });

  it("drops packets to a port: DHCP is silent, and a guest has no address until it speaks again", async () => {
    fault("port", "router/udp:67", "silent");
    create(100, "--start", "1");
    const hasLease = (): boolean =>
      inGuest(100, "ip -4 -brief address show eth0").stdout.includes("192.168.1.");
    await waitFor("dhclient to ask", 20_000, () => inGuest(100, "pgrep dhclient").code === 0);
    const dropped = lab.mustOn("router", "nft list tables");
    assert.match(dropped, /lab_fault_1/);
    await assert.rejects(waitFor("a lease", 6000, hasLease), /in vain/);
    fault("clear");
    assert.equal(lab.mustOn("router", "nft list tables"), "");
    await waitFor("a lease", 60_000, hasLease);
  });

  it("fills a guest's disk to the last block, and the guest alone", () => {
    const write = "dd if=/dev/zero of=$(mktemp /root/XXXX) bs=1M count=1";
    assert.equal(inGuest(100, write).code, 0);
    fault("disk", "100", "full");
    const full = inGuest(100, write);
    assert.notEqual(full.code, 0);
    assert.match(full.stderr, /No space left on device/);
    create(101);
    fault("clear");
    assert.equal(inGuest(100, write).code, 0);
    lab.mustOn("pve1", "pct destroy 101");
  });

  it("takes the package cache down", () => {
    const ask = (): number =>
      lab.on("lan-client", "curl", "-s", "-o", "/dev/null", "-m", "5", "http://198.51.100.10:3142/")
        .code;
    assert.equal(ask(), 0);
    fault("service", "outside/packages", "down");
    assert.equal(ask(), 7, "connection refused");
    fault("clear");
    assert.equal(ask(), 0);
  });

  it("refuses a container that does not fit on its storage, and leaves nothing of it", async () => {
    const storage = async () =>
      record((await client.call("GET", "/nodes/pve1/storage/local-lvm/status")).data);
    const { total, used } = await storage();
    assert.equal(total, 200 * 2 ** 30);
    // The guest's template and what it wrote itself, not the gigabyte that its disk may grow to.
    assert.ok(Number(used) > 150 * 2 ** 20 && Number(used) < 2 ** 30, String(used));
    const refusal = (): string =>
      lab.on("pve1", "pct", "create", "102", TEMPLATE, "--storage", "local-lvm").stderr;
    fault("storage", "pve1/local-lvm", "size", "0.1");
    assert.match(refusal(), /unable to create CT 102 - lvcreate .* free space in thin pool/);
    fault("clear");
    fault("storage", "pve1/local-lvm", "size", (Number(used) / 2 ** 30 + 0.1).toFixed(3));
    assert.match(refusal(), /unable to create CT 102 - command 'tar .*No space left on device/);
    assert.equal(lab.mustOn("pve1", "ls /var/lib/pve-lab/local-lvm"), "vm-100-disk-0");
    assert.notEqual(lab.on("pve1", "pct", "status", "102").code, 0);
  });

  it("gives a guest no block that its storage does not have, until there is room again", async () => {
    const { used } = record(
      (await client.call("GET", "/nodes/pve1/storage/local-lvm/status")).data,
    );
    fault("storage", "pve1/local-lvm", "size", (Number(used) / 2 ** 30 + 0.05).toFixed(3));
    assert.equal(inGuest(100, "head -c 100M /dev/zero >/root/large && sync").code, 0);
    // Always a new file: one that is written again finds its own blocks. A megabyte, so that the disk's own
    // size is not what stops it.
    const write = () => inGuest(100, "dd if=/dev/zero of=$(mktemp /root/new.XXXX) bs=1M count=1");
    await waitFor("the guest to have no block left", 20_000, () =>
      /No space left on device/.test(write().stderr),
    );
    fault("clear");
    await waitFor("room for the guest", 5000, () => write().code === 0);
    inGuest(100, "rm /root/large /root/new.*");
  });

  it("answers pvesh on the node with the API, and refuses what the lab does not have", () => {
    const said = lab.on("pve1", "pvesh", "get", "/cluster/nextid");
    assert.deepEqual([said.code, said.stdout], [0, "101\n"]);
    const json = lab.mustOn("pve1", "pvesh get /nodes/pve1/lxc/100/config --output-format json");
    assert.equal(record(JSON.parse(json))["unprivileged"], 1);
    lab.mustOn(
      "pve1",
      "pvesh create /pools --poolid made-here && pvesh delete /pools --poolid made-here",
    );
    const sdn = lab.on("pve1", "pvesh", "create", "/cluster/sdn/zones", "--zone", "a");
    assert.equal(sdn.code, 255);
    assert.match(sdn.stderr, /^No 'create' handler defined for '\/cluster\/sdn\/zones' in the lab/);
  });

  it("cuts a node's power, and brings back its guests with onboot in the order of startup", async () => {
    lab.mustOn("pve1", "pct set 100 --onboot 1");
    create(103, "--onboot", "1", "--startup", "order=1,up=1");
    create(104, "--start", "1");
    lab.mustOn("pve1", "pct exec 100 -- sh -c 'echo kept >/root/kept; sync'");
    fault("host", "pve1", "off");
    await assert.rejects(client.call("GET", "/version"), { code: "ECONNRESET" });
    assert.match(lab.up(), /is up already/);
    assert.notEqual(lab.on("lan-client", "ping", "-c1", "-W1", "192.168.1.10").code, 0);
    fault("clear");
    await waitFor("100 to run", 20_000, () => state(100) === "status: running");
    assert.deepEqual([state(103), state(104)], ["status: running", "status: stopped"]);
    assert.equal(inGuest(100, "cat /root/kept").stdout, "kept\n");
    const { data } = await client.call("GET", "/nodes/pve1/tasks");
    const tasks = (Array.isArray(data) ? data : []).map(record);
    const started = tasks.filter(({ type }) => type === "vzstart").map(({ id }) => id);
    assert.deepEqual(started.slice(0, 2), ["100", "103"], "newest first");
    const all = tasks.find(({ type }) => type === "startall");
    const log = await client.call(
      "GET",
      `/nodes/pve1/tasks/${encodeURIComponent(String(all?.["upid"]))}/log`,
    );
    assert.match(
      JSON.stringify(log.data),
      /Starting CT 103.*Waiting for 1 seconds.*Starting CT 100/,
    );
  });
});
