import assert from "node:assert/strict";

import { Sandbox } from "./sandbox";

describe("the first packages of a Debian guest", () => {
  const mark = "var/lib/proximity/hurried";
  let guest: Sandbox;
  beforeEach(() => (guest = new Sandbox("debian", "host")));
  afterEach(() => {
    guest.remove();
  });
  const run = () => guest.run("appliance-packages.sh", ["nginx"], {});
  const hurried = (calls: readonly string[]) => calls.some((call) => call.includes("unsafe-io"));

  it("wait for the disk once, at the end", () => {
    const { code, calls } = run();
    assert.deepEqual([code, hurried(calls), calls.at(-1)], [0, true, "sync -f /"]);
    assert.equal(guest.read(mark), undefined);
  });

  it("wait for it after each file where somebody has installed something before", () => {
    guest.write("var/lib/apt/lists/mirror_dists_bookworm_InRelease", "");
    const { code, calls } = run();
    assert.deepEqual([code, hurried(calls), calls.includes("sync -f /")], [0, false, false]);
  });

  it("are waited for by the next run when the first was cut off, whatever was installed by then", () => {
    guest.command("sync", "exit 1");
    const cut = run();
    assert.match(cut.stderr, /cannot be written to the disk/);
    assert.notEqual(guest.read(mark), undefined);
    guest.command("sync", "");
    assert.deepEqual([run().calls, guest.read(mark)], [["sync -f /"], undefined]);
  });

  it("are not relied upon when the guest went down meanwhile", () => {
    guest.write(mark, "another start\n");
    const { code, stderr, calls } = run();
    assert.deepEqual([code, calls], [1, []]);
    assert.match(stderr, /went down while its first packages were installed.*pulumi up --refresh/);
  });
});
