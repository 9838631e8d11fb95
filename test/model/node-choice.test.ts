import assert from "node:assert/strict";

import { chooseNode, type ObservedNode } from "../../model/node-choice";
import { declared, minimal } from "../support/sites";

const ssh = (host: string) => ({
  host,
  hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB9XmYIgcwVQzHUBcnJE+87zK9+cUTaACxJRE6ToEY9q",
});
const candidates = { pve1: ssh("pve1.lan"), pve2: ssh("pve2.lan"), pve3: ssh("pve3.lan") };
const node = (name: string, total: number, used: number, online = true): ObservedNode => ({
  name,
  online,
  memory: { total: total * 2 ** 30, used: used * 2 ** 30 },
});
const guest = (vmid: number, on: string) => ({ vmid, name: `guest-${vmid}`, node: on, tags: [] });

describe("chooseNode", () => {
  const nodes = [node("pve1", 64, 60), node("pve2", 16, 6), node("pve3", 128, 0, false)];
  const choose = (
    change: Readonly<Record<string, unknown>>,
    own: readonly ReturnType<typeof guest>[] = [],
    seen = nodes,
  ) => chooseNode(declared({ ...minimal, node: change }), seen, own);
  const refused = (choice: ReturnType<typeof chooseNode>) =>
    choice.ok ? `chose ${choice.name}` : choice.problems.map(({ message }) => message).join();
  const chosen = (choice: ReturnType<typeof chooseNode>) =>
    choice.ok ? choice.name : refused(choice);

  describe("where it is named", () => {
    const named = { name: "pve1", ssh: ssh("pve1.lan") };
    it("takes it while it is online", () => {
      assert.equal(chosen(choose(named)), "pve1");
    });
    it("says which nodes there are when it is not among them", () => {
      assert.match(
        refused(choose(named, [], [node("alpha", 1, 0)])),
        /no node pve1\. It has alpha/,
      );
    });
    it("refuses one that is offline", () => {
      assert.match(refused(choose(named, [], [node("pve1", 1, 0, false)])), /offline/);
    });
    it("refuses to leave guests behind, which another node would get empty", () => {
      assert.match(
        refused(choose(named, [guest(100, "pve2"), guest(101, "pve2")])),
        /100 guest-100 on pve2, 101 guest-101 on pve2.*removed with their disks.*node\.abandon: pve2/,
      );
    });
    it("leaves them when that node is abandoned, and only that one", () => {
      const abandoning = { ...named, abandon: "pve2" };
      assert.equal(chosen(choose(abandoning, [guest(100, "pve2")])), "pve1");
      assert.match(refused(choose(abandoning, [guest(100, "pve3")])), /abandon: pve3/);
    });
  });

  describe("where the program may choose", () => {
    const auto = { name: "auto", candidates };
    it("takes the online candidate with the most free memory, and gives the figures", () => {
      const choice = choose(auto);
      assert.equal(chosen(choice), "pve2");
      assert.equal(
        choice.ok && choice.why,
        "most free memory, 10.0 of 16.0 GiB; pve1: 4.0 of 64.0 GiB; pve3: not online",
      );
    });
    it("keeps the node where the guests are, however full it is", () => {
      assert.equal(chosen(choose(auto, [guest(100, "pve1")])), "pve1");
    });
    it("waits for that node where it is offline, and takes no other", () => {
      assert.match(refused(choose(auto, [guest(100, "pve3")])), /on pve3, which is offline/);
    });
    it("takes another one when that node is abandoned", () => {
      assert.equal(chosen(choose({ ...auto, abandon: "pve2" })), "pve1");
      assert.equal(chosen(choose({ ...auto, abandon: "pve2" }, [guest(100, "pve2")])), "pve1");
    });
    it("never takes a node that is no candidate", () => {
      const rich = [...nodes, node("pve9", 512, 0)];
      assert.equal(chosen(choose(auto, [], rich)), "pve2");
      assert.match(refused(choose(auto, [guest(100, "pve9")], rich)), /not among node\.candidates/);
    });
    it("says so when none is online", () => {
      const off = nodes.map((one) => ({ ...one, online: false }));
      assert.match(refused(choose(auto, [], off)), /none of the candidates is online: pve1, pve2/);
    });
  });
});
