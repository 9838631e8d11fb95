import assert from "node:assert/strict";

import { planned } from "../support/changes";
import { useExample } from "../support/examples";
import { checkout, mustOn, outputs } from "../support/world";

const lab = (...words: readonly string[]) => checkout().must("lab/lab", words);
const guestsOn = (node: string) =>
  mustOn(node, `ls /etc/pve/nodes/${node}/lxc | sed 's/[.]conf//' | xargs`);
const node = (change: Readonly<Record<string, unknown>>) => {
  checkout().edit(({ config }) => {
    Object.assign(config["proximity-lan:site"]["node"] as object, change);
  });
};

/** What a preview says, which must end as it is meant to. */
function preview(ends: "well" | "refused", ...flags: readonly string[]): string {
  const { code, stdout } = checkout().pulumi("preview", ...flags);
  assert.equal(code === 0, ends === "well", stdout);
  return stdout;
}

/** Waits until so many guests run on a node that was switched on. */
function waitFor(place: string, guests: number): void {
  mustOn(
    place,
    `n=0; until [ "$(pct list | grep -c running)" = ${guests} ]; do n=$((n + 1)); [ $n -lt 60 ] || exit 1; sleep 1; done`,
  );
}

describe("a site that may choose its node, on a cluster of three", () => {
  before(() => {
    checkout().must("lab/lab", ["down"]);
    checkout().must("lab/lab", ["up", "--nodes", "3"]);
    checkout().must("toolchain/pulumi", ["stack", "init", "dev", "--non-interactive"]);
    checkout().edit(({ config }) => {
      const site = config["proximity-lan:site"];
      const { ssh } = site["node"] as { ssh: { port: number } };
      const base = ssh.port - 22;
      // The third is no candidate: it keeps the cluster quorate, and answers for it.
      config["proxmoxve:endpoint"] = `https://127.0.0.1:${base + 8}`;
      site["node"] = { name: "auto", candidates: { pve1: ssh, pve2: { ...ssh, port: base + 23 } } };
      site["appliance"] = { console: false };
      site.apps = { page: { vmid: 101 } };
    });
  });

  it("is told in the preview which one, and why, with the figures", () => {
    assert.match(
      preview("well"),
      /node: (pve1|pve2) \(most free memory, [\d.]+ of [\d.]+ GiB; (pve1|pve2): [\d.]+ of [\d.]+ GiB\)/,
    );
  });

  it("does not get one that is off", () => {
    lab("fault", "host", "pve1", "off");
    assert.match(
      preview("well"),
      /node: pve2 \(most free memory, [\d.]+ of [\d.]+ GiB; pve1: not online\)/,
    );
    checkout().mustPulumi("up", "--yes", "--skip-preview");
    assert.equal((outputs() as unknown as { node: string }).node, "pve2");
    assert.equal(guestsOn("pve2"), "100 101");
  });

  it("keeps the node that it has", () => {
    lab("fault", "clear");
    waitFor("pve1", 0);
    assert.match(
      preview("well", "--refresh", "--expect-no-changes"),
      /node: pve2 \(this stack's guests are there; it is chosen once and kept\)/,
    );
    assert.equal(guestsOn("pve1"), "");
  });

  it("waits for its node when that is off, instead of being built anew on another", () => {
    lab("fault", "host", "pve2", "off");
    assert.match(
      preview("refused"),
      /node\.name: this stack's guests are on pve2, which is offline\. Bring it up/,
    );
    lab("fault", "clear");
    waitFor("pve2", 2);
    assert.deepEqual(planned(), []);
  });

  it("is not moved by another name in the declaration, which would lose its disks", () => {
    const started = mustOn("pve2", "pct exec 101 -- awk '{ print $22 }' /proc/1/stat");
    node({ name: "pve1" });
    assert.match(preview("refused"), /101 page on pve2.*removed with their disks/);
    node({ name: "auto" });
    assert.equal(mustOn("pve2", "pct exec 101 -- awk '{ print $22 }' /proc/1/stat"), started);
  });

  it("may be that of examples/several-nodes.yaml", () => {
    checkout().must("make", ["destroy"]);
    useExample("several-nodes.yaml");
    checkout().mustPulumi("up", "--yes", "--skip-preview");
    const { node: chosen, apps } = outputs() as unknown as { node: string; apps: object };
    assert.equal(guestsOn(chosen), "100 101 102");
    assert.deepEqual(Object.keys(apps).sort(), ["bench", "web"]);
  });

  it("goes, and leaves nothing on any node", () => {
    checkout().must("make", ["destroy"]);
    for (const place of ["pve1", "pve2"]) {
      assert.equal(guestsOn(place), "");
      assert.equal(mustOn(place, "test -e /sys/class/net/proximity-lan || echo gone"), "gone");
    }
  });
});
