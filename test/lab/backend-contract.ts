import assert from "node:assert/strict";

import type { Backend, GuestInterface } from "../../lab/backend/backend";
import { writeGuestFiles } from "../../lab/guest/setup";
import type { GuestConfig } from "../../lab/pve/guest-config";
import { lxcConfig } from "../../lab/pve/lxc-config";
import { completeNet } from "../../lab/pve/guest-net";

/** How a backend is made for the contract, and how long its guests may take. */
export interface ContractSubject {
  readonly make: () => Promise<{ readonly backend: Backend; readonly close: () => Promise<void> }>;
  /** Limit of one test, in milliseconds. */
  readonly timeoutMs: number;
}

const TEMPLATE = "local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst";

const guest = (bridge: string, ip: string): GuestConfig => ({
  keys: new Map([
    ["arch", "amd64"],
    ["hostname", "contract"],
    ["ostype", "debian"],
    ["unprivileged", "1"],
    ["features", "nesting=1"],
    ["net0", completeNet("net0", `name=eth0,bridge=${bridge},ip=${ip}`)],
  ]),
  lxc: [],
});

/** The first value that satisfies the condition, looked for until the time is over. */
async function eventually<T>(
  limitMs: number,
  what: string,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** What every backend must do, whatever stands behind it; run it in a describe block of its own. */
export function backendContract(name: string, { make, timeoutMs }: ContractSubject): void {
  describe(`backend contract: ${name}`, function () {
    this.timeout(timeoutMs);
    let backend: Backend;
    let close: () => Promise<void>;
    let node: string;

    before(async () => {
      ({ backend, close } = await make());
      node = backend.nodes[0] ?? "";
    });
    after(async () => {
      await close();
    });

    const volumesOf = async (vmid: number): Promise<readonly string[]> =>
      (await backend.volumes(node, "local-lvm"))
        .filter((volume) => volume.vmid === vmid)
        .map(({ volid }) => volid);

    async function create(vmid: number): Promise<string> {
      const spec = {
        vmid,
        template: TEMPLATE,
        storage: "local-lvm",
        sizeGiB: 2,
        unprivileged: true,
      };
      return backend.createRootfs(node, spec);
    }

    async function start(vmid: number, config: GuestConfig): Promise<void> {
      await writeGuestFiles(backend, node, vmid, config);
      await backend.startGuest(node, vmid, lxcConfig(vmid, config));
    }

    const addressOf = (interfaces: readonly GuestInterface[], nic: string): string | undefined =>
      interfaces
        .find((entry) => entry.name === nic)
        ?.addresses.find(({ family }) => family === "inet")?.address;

    it("has an online node whose memory and cpus add up", async () => {
      const stats = await backend.stats(node);
      assert.equal(stats.online, true);
      assert.ok(stats.mem > 0 && stats.mem <= stats.maxmem);
      assert.ok(stats.cpu >= 0 && stats.cpu <= 1);
      assert.ok(stats.maxcpu >= 1);
    });

    it("keeps node files, in folders that it makes", async () => {
      const folder = "/etc/pve/contract";
      assert.equal(await backend.readFile(node, `${folder}/b`), undefined);
      assert.deepEqual(await backend.listFiles(node, folder), []);
      await backend.writeFile(node, `${folder}/b`, "first\n");
      await backend.writeFile(node, `${folder}/b`, "second ü\n");
      await backend.writeFile(node, `${folder}/a`, "");
      assert.equal(await backend.readFile(node, `${folder}/b`), "second ü\n");
      assert.equal(await backend.readFile(node, `${folder}/a`), "");
      assert.deepEqual(await backend.listFiles(node, folder), ["a", "b"]);
      await backend.removeFile(node, `${folder}/a`);
      await backend.removeFile(node, `${folder}/b`);
      await backend.removeFile(node, `${folder}/b`);
      assert.deepEqual(await backend.listFiles(node, folder), []);
    });

    it("has vmbr0 with its address over eno1 in the live interfaces file", async () => {
      const text = await backend.readFile(node, "/etc/network/interfaces");
      assert.match(text ?? "", /iface vmbr0 inet static\n\s+address 192\.168\.1\.10\/24/);
      assert.match(text ?? "", /bridge-ports eno1/);
      assert.match(text ?? "", /^source \/etc\/network\/interfaces\.d\/\*$/m);
    });

    it("has the storages and the template that the lab promises", async () => {
      const storages = await backend.storages(node);
      assert.deepEqual(storages.map(({ storage }) => storage).sort(), ["local", "local-lvm"]);
      for (const { used, total } of storages) assert.ok(used >= 0 && used <= total);
      const volumes = await backend.volumes(node, "local");
      assert.ok(volumes.some(({ volid, size }) => volid === TEMPLATE && size > 0));
    });

    it("refuses an unknown template and leaves no volume", async () => {
      const template = "local:vztmpl/none.tar.zst";
      const spec = { vmid: 980, template, storage: "local-lvm", sizeGiB: 2, unprivileged: true };
      await assert.rejects(backend.createRootfs(node, spec), /does not exist/);
      assert.deepEqual(await volumesOf(980), []);
    });

    it("makes, grows and removes a rootfs with files in it", async () => {
      const volid = await create(981);
      assert.deepEqual(await volumesOf(981), [volid]);
      assert.equal((await backend.guestState(node, 981)).running, false);
      assert.match(
        (await backend.readGuestFile(node, 981, "/etc/os-release")) ?? "",
        /^ID=debian$/m,
      );
      assert.equal(await backend.readGuestFile(node, 981, "/etc/none"), undefined);
      await backend.writeGuestFile(node, 981, "/root/.ssh/note", "kept\n");
      assert.equal(await backend.readGuestFile(node, 981, "/root/.ssh/note"), "kept\n");
      await backend.resizeRootfs(node, volid, { bytes: 3 * 2 ** 30, withFileSystem: true });
      const [volume] = (await backend.volumes(node, "local-lvm")).filter(
        ({ vmid }) => vmid === 981,
      );
      assert.equal(volume?.size, 3 * 2 ** 30);
      await backend.removeVolume(node, volid);
      assert.deepEqual(await volumesOf(981), []);
      assert.equal((await backend.guestState(node, 981)).running, false);
    });

    it("refuses a start on a bridge that is not there", async () => {
      const volid = await create(982);
      await assert.rejects(start(982, guest("nowhere", "dhcp")));
      assert.equal((await backend.guestState(node, 982)).running, false);
      await backend.removeVolume(node, volid);
    });

    it("runs a guest that gets an address, survives a restart and stops", async () => {
      const volid = await create(983);
      const config = guest("vmbr0", "dhcp");
      await start(983, config);
      assert.equal((await backend.guestState(node, 983)).running, true);
      const address = await eventually(timeoutMs / 2, "DHCP address", async () =>
        addressOf(await backend.guestInterfaces(node, 983), "eth0"),
      );
      assert.match(address, /^192\.168\.1\.1\d\d$/);
      const [nic] = (await backend.guestInterfaces(node, 983)).filter(
        (entry) => entry.name === "eth0",
      );
      const hwaddr = /hwaddr=([^,]+)/.exec(config.keys.get("net0") ?? "")?.[1] ?? "";
      assert.equal(nic?.mac.toUpperCase(), hwaddr);
      await backend.writeGuestFile(node, 983, "/root/note", "from outside\n");
      await backend.shutdownGuest(node, 983, { force: true, timeoutSeconds: 30 });
      assert.equal((await backend.guestState(node, 983)).running, false);
      assert.equal(await backend.readGuestFile(node, 983, "/root/note"), "from outside\n");
      await start(983, config);
      assert.equal((await backend.guestState(node, 983)).running, true);
      await backend.stopGuest(node, 983);
      assert.equal((await backend.guestState(node, 983)).running, false);
      await backend.removeVolume(node, volid);
    });

    it("brings up a bridge of interfaces.d at a reload, and takes it down again", async () => {
      const file = "/etc/network/interfaces.d/contract";
      const stanza =
        "auto contract-lan\niface contract-lan inet manual\n\tbridge-ports none\n\tbridge-stp off\n\tbridge-fd 0\n";
      await backend.writeFile(node, file, stanza);
      assert.equal((await backend.reloadNetwork(node)).code, 0);
      const volid = await create(984);
      await start(984, guest("contract-lan", "10.99.0.5/24"));
      const address = await eventually(timeoutMs / 2, "static address", async () =>
        addressOf(await backend.guestInterfaces(node, 984), "eth0"),
      );
      assert.equal(address, "10.99.0.5");
      await backend.stopGuest(node, 984);
      await backend.removeFile(node, file);
      assert.equal((await backend.reloadNetwork(node)).code, 0);
      await assert.rejects(start(984, guest("contract-lan", "10.99.0.5/24")));
      await backend.removeVolume(node, volid);
    });
  });
}
