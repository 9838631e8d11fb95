import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const program = readFileSync(
  join(__dirname, "..", "..", "appliance/usr/local/sbin/proximity-sets"),
  "utf8",
);

const apps = "02:00:00:00:00:0A,wiki\n02:00:00:00:00:0B,10.20.0.20,notes\n";
const declared = "# Written\n10.20.0.20 02:00:00:00:00:0B\n";
const lease = (mac: string, address: string, name = "*") =>
  `1796132264 ${mac} ${address} ${name} *\n`;

describe("proximity-sets", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "proximity-sets-"));
    for (const name of ["etc", "misc", "run", "bin"]) mkdirSync(join(folder, name));
    write("etc/network", "10.20.0.0/24 10.20.0.1\n");
    write("etc/guests", declared);
    write("etc/dhcp-hosts", apps);
    write(
      "bin/ip",
      '#!/bin/sh\n[ "$1 $2" != "-4 route" ] || echo default via 192.168.1.1 dev eth0\n',
      0o755,
    );
    write("bin/nft", `#!/bin/sh\necho "$*" >>${folder}/calls\n`, 0o755);
    write("bin/pidof", "#!/bin/sh\nexit 1\n", 0o755);
    write("calls", "");
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function write(path: string, text: string, mode = 0o644): void {
    writeFileSync(join(folder, path), text);
    chmodSync(join(folder, path), mode);
  }

  function run(...words: readonly string[]): string {
    const own = program
      .replaceAll("/etc/proximity", `${folder}/etc`)
      .replaceAll("/var/lib/misc", `${folder}/misc`)
      .replaceAll("=/run/", `=${folder}/run/`)
      .replaceAll(">/run/", `>${folder}/run/`)
      .replace("PATH=", `PATH=${folder}/bin:`);
    return execFileSync("sh", ["-s", "--", ...words], { input: own, encoding: "utf8" });
  }

  const elements = (set: string) =>
    new RegExp(`add element inet proximity ${set} \\{ (.*) \\}`)
      .exec(run("print"))?.[1]
      ?.split(",");
  const reservations = () => readFileSync(join(folder, "misc/proximity.dhcp-hosts"), "utf8");

  it("lets a lease through to the filter only as a MAC of Ethernet and an address of the network", () => {
    write(
      "misc/dnsmasq.leases",
      [
        lease("02:00:00:00:00:0a", "10.20.0.101", "wiki"),
        lease("06-02:00:00:00:00:01", "10.20.0.102"),
        lease("02:00:00", "10.20.0.103"),
        lease("02:00:00:00:00:02:03:04", "10.20.0.104"),
        lease("02:00:00:00:00:05", "192.168.1.10"),
        lease("02:00:00:00:00:06", "10.20.0.255"),
        lease("02:00:00:00:00:07", "10.20.0.0"),
        lease("02:00:00:00:00:08", "10.20.0.1"),
        lease("02:00:00:00:00:09", "10.20.0.1055"),
        lease("02:00:00:00:00:0c", "10.20.0.20"),
        "x y z\n",
        "duid 00:01\n",
        lease("02:00:00:00:00:0d", "10.20.0.105", "}#;"),
        "1796132264 02:00:00:00:00:0e 10.20.0.106 a b *\n",
      ].join(""),
    );
    assert.deepEqual(elements("guests"), [
      "10.20.0.20 . 02:00:00:00:00:0b",
      "10.20.0.101 . 02:00:00:00:00:0a",
      "10.20.0.105 . 02:00:00:00:00:0d",
    ]);
    assert.deepEqual(elements("router"), ["192.168.1.1"]);
    assert.deepEqual(elements("apps"), [
      "02:00:00:00:00:0a . 0x02000000000a",
      "02:00:00:00:00:0b . 0x02000000000b",
    ]);
  });

  it("keeps the address of an app for it, also while it has no lease", () => {
    run();
    assert.equal(reservations(), apps);
    write("misc/dnsmasq.leases", lease("02:00:00:00:00:0a", "10.20.0.101", "wiki"));
    run("add", "02:00:00:00:00:0a", "10.20.0.101");
    const kept = apps.replace("A,wiki", "A,10.20.0.101,wiki");
    assert.equal(reservations(), kept);
    write("misc/dnsmasq.leases", lease("02:00:00:00:00:99", "10.20.0.240"));
    run("del");
    assert.equal(reservations(), kept);
    assert.ok(!elements("guests")?.some((one) => one.startsWith("10.20.0.101 ")));
  });

  it("forgets it when it is declared for another, and when the app is gone", () => {
    write("misc/dnsmasq.leases", lease("02:00:00:00:00:0a", "10.20.0.101", "wiki"));
    run();
    write("etc/guests", "10.20.0.101 02:00:00:00:00:0B\n");
    run();
    assert.equal(reservations(), apps);
    write("etc/dhcp-hosts", "02:00:00:00:00:0B,10.20.0.20,notes\n");
    run();
    assert.equal(reservations(), "02:00:00:00:00:0B,10.20.0.20,notes\n");
  });

  it("checks elements before they replace any, and leaves those in force when nft refuses them", () => {
    run();
    assert.match(readFileSync(join(folder, "calls"), "utf8"), /^-c -f .*\n-f /m);
    write("bin/nft", '#!/bin/sh\n[ "$1" != -c ]\n', 0o755);
    const before = readFileSync(join(folder, "run/proximity-sets.nft"), "utf8");
    write("misc/dnsmasq.leases", lease("02:00:00:00:00:0a", "10.20.0.101", "wiki"));
    assert.throws(() => run());
    assert.equal(readFileSync(join(folder, "run/proximity-sets.nft"), "utf8"), before);
  });

  it("takes out of the leases what dnsmasq does not start with, and nothing else", () => {
    const good =
      lease("02:00:00:00:00:0a", "10.20.0.101", "wiki") +
      lease("06-02:00:00:00:00:01", "10.20.0.102");
    write("misc/dnsmasq.leases", `${good}${lease("02:00:00:00:00:0z", "10.20.0.103")}1796`);
    run("mend");
    assert.equal(readFileSync(join(folder, "misc/dnsmasq.leases"), "utf8"), good);
  });
});
