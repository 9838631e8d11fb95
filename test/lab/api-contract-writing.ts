/** The part of the API's contract that makes a container, runs it, and destroys it. */
import assert from "node:assert/strict";

import type { ApiSubject, Trial } from "./api-contract";
import { list, record } from "./support/client";

/** Describes it for the subject that there is when its tests run. */
export function describeWriting(subject: () => ApiSubject): void {
  const trial = (): Trial => {
    const { trial: wanted } = subject();
    assert.ok(wanted, "the subject has no trial");
    return wanted;
  };
  const lxc = () => `/nodes/${subject().node}/lxc`;
  const guest = (path = "") => `${lxc()}/${trial().vmid}${path}`;
  const call = (method: string, path: string, fields = {}) =>
    subject().client.call(method, path, fields);
  const run = async (method: string, path: string, fields = {}) => {
    assert.equal(await subject().client.run(method, path, fields), "OK", `${method} ${path}`);
  };
  const get = async (path: string, query = {}) => record((await call("GET", path, query)).data);
  const fields = (extra: Readonly<Record<string, string>> = {}) => ({
    vmid: String(trial().vmid),
    ostemplate: trial().template,
    storage: trial().storage,
    hostname: "contract",
    unprivileged: "1",
    features: "nesting=1",
    memory: "256",
    net0: `name=eth0,bridge=${trial().bridge},ip=dhcp`,
    ...extra,
  });
  const isAtLeast9 = async () =>
    Number(String((await get("/version"))["version"]).split(".")[0]) >= 9;
  const isAtLeast91 = async () => {
    const [major = 0, minor = 0] = String((await get("/version"))["version"])
      .split(".")
      .map(Number);
    return major > 9 || (major === 9 && minor >= 1);
  };

  it("refuses a creation with macvlan, with a feature for root alone, and makes nothing", async () => {
    const net1 = `name=eth1,bridge=${trial().bridge},type=macvlan`;
    assert.deepEqual(Object.keys((await call("POST", lxc(), fields({ net1 }))).errors), ["net1"]);
    const features = "nesting=1,keyctl=1";
    assert.equal((await call("POST", lxc(), fields({ features }))).status, 403);
    assert.match((await call("GET", guest("/config"))).reason, /does not exist/);
  });

  it("refuses a pool that does not exist, and makes nothing", async () => {
    const { status, reason } = await call("POST", lxc(), fields({ pool: "nonsense" }));
    const complaint = "Permission check failed (pool 'nonsense' does not exist)";
    assert.deepEqual([status, reason], [403, complaint]);
    assert.match((await call("GET", guest("/config"))).reason, /does not exist/);
  });

  it("starts a task for a container that does not exist, and the task fails", async () => {
    const answer = await call("POST", guest("/status/start"));
    assert.equal(answer.status, 200);
    const file = `nodes/${subject().node}/lxc/${trial().vmid}.conf`;
    const exit = await subject().client.task(answer.data);
    assert.equal(exit, `Configuration file '${file}' does not exist`);
    const tasks = await call("GET", `/nodes/${subject().node}/tasks`, { limit: "50" });
    const own = list(tasks.data)
      .map((entry) => record(entry))
      .find(({ upid }) => upid === answer.data);
    // The token's name is not part of the user.
    assert.doesNotMatch(String(own?.["user"]), /!/);
    assert.equal(typeof own?.["tokenid"], "string");
  });

  it("knows host-managed from 9.1 on", async () => {
    if (await isAtLeast91()) return;
    const net0 = `name=eth0,bridge=${trial().bridge},host-managed=0`;
    assert.deepEqual(Object.keys((await call("POST", lxc(), fields({ net0 }))).errors), ["net0"]);
  });

  it("makes a container, which then is taken and reads back as it was sent", async () => {
    await run("POST", lxc(), fields({ tags: "b;a", description: "words" }));
    const again = await call("POST", lxc(), fields());
    const taken = `CT ${trial().vmid} already exists on node '${subject().node}'`;
    assert.deepEqual([again.status, again.reason], [500, taken]);
    const config = await get(guest("/config"));
    const { hostname, unprivileged, memory, tags, description } = config;
    assert.deepEqual(
      { hostname, unprivileged, memory, tags, description },
      { hostname: "contract", unprivileged: 1, memory: 256, tags: "a;b", description: "words\n" },
    );
    assert.match(String(config["net0"]), /hwaddr=([0-9A-F]{2}:){5}[0-9A-F]{2}/);
    assert.match(String(config["rootfs"]), /size=\d+G$/);
  });

  it("refuses to reboot it while it is stopped, and to grow a disk that it does not have", async () => {
    const reboot = await call("POST", guest("/status/reboot"));
    assert.deepEqual([reboot.status, reboot.reason], [500, `VM ${trial().vmid} not running`]);
    const resize = await call("PUT", guest("/resize"), { disk: "mp0", size: "+1G" });
    assert.deepEqual([resize.status, resize.reason], [500, "format error"]);
    const missing = "property is missing and it is not optional";
    assert.deepEqual(resize.errors, { mp: missing, volume: missing });
  });

  it("refuses to delete what a container cannot be without", async () => {
    for (const key of ["rootfs", "memory", "ostype"]) {
      const { status, reason } = await call("PUT", guest("/config"), { delete: key });
      assert.deepEqual([status, reason], [500, `unable to delete required option '${key}'`]);
    }
    const { status, reason } = await call("PUT", guest("/config"), { delete: "unprivileged" });
    const complaint = "unable to delete read-only option: 'unprivileged'";
    assert.deepEqual([status, reason], [500, complaint]);
  });

  it("takes a JSON body as well as a form", async () => {
    const text = JSON.stringify({ onboot: true, cores: 2, description: "words" });
    const body = { type: "application/json", text };
    const answer = await subject().client.raw("PUT", guest("/config"), body);
    assert.equal(answer.status, 200);
    const { onboot, cores } = await get(guest("/config"));
    assert.deepEqual([onboot, cores], [1, 2]);
  });

  it("keeps its disk as it is while it is protected", async () => {
    assert.equal((await call("PUT", guest("/config"), { protection: "1" })).status, 200);
    const { rootfs } = await get(guest("/config"));
    const refused = async (method: string, path: string, fields = {}) => {
      const { status, reason } = await call(method, path, fields);
      assert.equal(status, 500);
      return reason;
    };
    const change = { rootfs: String(rootfs) };
    const id = trial().vmid;
    assert.equal(
      await refused("PUT", guest("/config"), change),
      `can't update CT ${id} drive 'rootfs' - protection mode enabled`,
    );
    assert.equal(
      await refused("DELETE", guest()),
      `can't remove CT ${id} - protection mode enabled`,
    );
    assert.equal((await call("PUT", guest("/config"), { protection: "0" })).status, 200);
  });

  it("starts it, and it gets an address", async () => {
    await run("POST", guest("/status/start"));
    assert.equal((await get(guest("/status/current")))["status"], "running");
    const end = Date.now() + 60_000;
    for (;;) {
      const { data } = await call("GET", guest("/interfaces"));
      const eth0 = list(data)
        .map(record)
        .find(({ name }) => name === "eth0");
      const kinds = list(eth0?.["ip-addresses"]).map((entry) => record(entry)["ip-address-type"]);
      if (kinds.includes("inet")) return;
      assert.ok(Date.now() < end, "no address within a minute");
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  });

  it("refuses what its state forbids", async () => {
    assert.match((await call("POST", guest("/status/start"))).reason, /already running/);
    assert.match((await call("DELETE", guest())).reason, /is running/);
  });

  it("grows its disk in a task, and refuses the size that it has", async () => {
    await run("PUT", guest("/resize"), { disk: "rootfs", size: "+1G" });
    assert.match(String((await get(guest("/config")))["rootfs"]), /size=5G$/);
    const again = await call("PUT", guest("/resize"), { disk: "rootfs", size: "5G" });
    assert.deepEqual([again.status, again.reason], [500, "disk is already at specified size"]);
    const { disk, maxdisk } = await get(guest("/status/current"));
    assert.ok(
      Number(disk) > 0 && Number(maxdisk) > Number(disk),
      JSON.stringify({ disk, maxdisk }),
    );
  });

  it("keeps every option of a root disk that is sent to a running container, as it was sent", async () => {
    const volume = String((await get(guest("/config")))["rootfs"]).split(",")[0] ?? "";
    // What the provider sends after a resize (docs/proven-on.md).
    const rootfs = `acl=0,size=5G,quota=0,replicate=0,volume=${volume}`;
    assert.equal((await call("PUT", guest("/config"), { rootfs })).status, 200);
    const coming = list((await call("GET", guest("/pending"))).data).map((entry) => record(entry));
    assert.equal(coming.find(({ key }) => key === "rootfs")?.["pending"], rootfs);
    assert.equal((await get(guest("/config")))["rootfs"], rootfs);
  });

  it("reports what a running container waits for, from 9.0 on", async () => {
    const status = await get(guest("/status/current"));
    assert.equal("pressurecpusome" in status, await isAtLeast9());
  });

  it("changes what it can at once, and keeps a MAC address through every change", async () => {
    const { net0 } = await get(guest("/config"));
    const changed = {
      memory: "300",
      tags: "",
      description: "two\nlines",
      delete: ["net7", "net8"],
    };
    assert.equal((await call("PUT", guest("/config"), changed)).status, 200);
    const config = await get(guest("/config"));
    assert.deepEqual(
      [config["memory"], config["tags"], config["description"], config["net0"]],
      [300, " ", "two\nlines\n", net0],
    );
  });

  it("keeps firewall rules in the order of their positions", async () => {
    const rules = guest("/firewall/rules");
    const rule = { type: "in", action: "ACCEPT", enable: "1", proto: "tcp" };
    for (const dport of ["2", "1"]) await call("POST", rules, { ...rule, dport });
    const read = async () => list((await call("GET", rules)).data).map((item) => record(item));
    assert.deepEqual(
      (await read()).map(({ pos, dport }) => [pos, dport]),
      [
        [0, "1"],
        [1, "2"],
      ],
    );
    for (const pos of [1, 0]) assert.equal((await call("DELETE", `${rules}/${pos}`)).status, 200);
    assert.deepEqual(await read(), []);
  });

  it("stops and destroys it, and nothing of it is left", async () => {
    await run("POST", guest("/status/shutdown"), { forceStop: "1", timeout: "30" });
    await run("DELETE", guest());
    assert.match((await call("GET", guest("/status/current"))).reason, /does not exist/);
    const content = `/nodes/${subject().node}/storage/${trial().storage}/content`;
    const volumes = list((await call("GET", content)).data).map(record);
    assert.ok(!volumes.some(({ vmid }) => Number(vmid) === trial().vmid));
  });
}
