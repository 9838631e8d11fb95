import assert from "node:assert/strict";

import { missingFirst, planSite, served, settle, type PlanInput } from "../../model/placement";
import { declared, minimal } from "../support/sites";

const tag = "proximity-lan-dev";
const guest = (vmid: number, ...tags: readonly string[]) => ({
  vmid,
  name: `guest-${vmid}`,
  node: "pve1",
  tags: [tag, ...tags],
});
const apps = { wiki: { vmid: 101 }, mail: { vmid: 102, network: "direct" } };
const fallback = { onApplianceFailure: "fallback" };
const plan = (change: object, input: Partial<PlanInput> = {}) =>
  planSite(declared({ ...minimal, apps, ...change }), { own: [], ...input });
const places = (...args: Parameters<typeof plan>) =>
  Object.fromEntries(
    plan(...args).apps.map(({ app, place, orElse }) => [
      app.name,
      orElse === undefined ? place : `${place} or ${orElse}`,
    ]),
  );

describe("planSite", () => {
  it("puts each app where it is declared", () => {
    assert.deepEqual(places({}), { mail: "direct", wiki: "platinum" });
    assert.deepEqual(
      served(plan({})).map(({ name }) => name),
      ["wiki"],
    );
  });

  it("declares bridge and appliance for platinum apps alone, or because they are to be kept", () => {
    const direct = { apps: { mail: apps.mail } };
    assert.equal(plan({}).hasGateway, true);
    assert.equal(plan(direct).hasGateway, false);
    assert.equal(plan({ apps: {} }).hasGateway, false);
    assert.equal(plan({ ...direct, network: { keepWhenEmpty: true } }).hasGateway, true);
  });

  it("says that bridge and appliance go, if they are there", () => {
    const direct = { apps: { mail: apps.mail } };
    assert.deepEqual(plan(direct).warnings, []);
    assert.match(
      plan(direct, { own: [guest(100)] }).warnings.join(),
      /No app is left .* bridge proximity-lan and the appliance prox-appliance \(100\) are removed/,
    );
  });

  it("says which app moves, and what that does to it", () => {
    const moved = plan({}, { own: [guest(101, "direct"), guest(102, "platinum")] });
    assert.deepEqual(moved.notes, [
      "mail moves from proximity-lan to vmbr0: it restarts, gets another address there, and keeps its disk.",
      "wiki moves from vmbr0 to proximity-lan: it restarts, gets another address there, and keeps its disk.",
    ]);
    assert.deepEqual(plan({}, { own: [guest(101, "platinum"), guest(102, "direct")] }).notes, []);
  });

  it("tells which containers are still to be made, and has them come first", () => {
    const { apps: placed } = plan({}, { own: [guest(102, "direct")] });
    const order = (list: typeof placed) => list.map(({ app, now }) => `${app.vmid} ${now ?? "-"}`);
    assert.deepEqual(order(placed), ["102 direct", "101 -"]);
    assert.deepEqual(order(missingFirst(placed)), ["101 -", "102 direct"]);
  });

  describe("where a site falls back", () => {
    it("leaves new apps to what the appliance turns out to be", () => {
      assert.deepEqual(places(fallback), { mail: "direct", wiki: "platinum or fallback" });
    });
    it("puts them on the LAN at once when the look at the node already says so", () => {
      const failed = plan(fallback, { failure: "100 is taken." });
      assert.deepEqual(places(fallback, { failure: "100 is taken." }), {
        mail: "direct",
        wiki: "fallback",
      });
      assert.equal(failed.hasGateway, false);
      assert.equal(failed.reason, "100 is taken.");
      assert.match(
        failed.warnings.join(),
        /100 is taken\. These apps are on vmbr0 instead, without isolation and proxy: wiki\./,
      );
    });
    it("leaves placed apps where they are, in both directions", () => {
      assert.deepEqual(places(fallback, { own: [guest(101, "platinum")] })["wiki"], "platinum");
      const own = [guest(101, "fallback")];
      assert.equal(places(fallback, { own })["wiki"], "fallback");
      assert.equal(places({}, { own })["wiki"], "fallback");
      assert.match(plan({}, { own }).warnings.join(), /On vmbr0 without isolation.*wiki.*return/);
    });
    it("moves them back when that is asked for", () => {
      const own = [guest(101, "fallback")];
      const back = { onApplianceRepair: "return" };
      assert.equal(places({ ...fallback, ...back }, { own })["wiki"], "platinum or fallback");
      assert.equal(places(back, { own })["wiki"], "platinum");
      assert.equal(places({ ...fallback, ...back }, { own, failure: "x" })["wiki"], "fallback");
    });
    it("keeps in mind that an app was asked to come", () => {
      const own = [guest(101, "direct")];
      assert.equal(places(fallback, { own })["wiki"], "platinum or direct");
      assert.equal(places(fallback, { own, failure: "x" })["wiki"], "direct");
    });
    it("numbers its attempts by the tag that a failed one left", () => {
      assert.equal(plan({}).attempt, undefined);
      assert.equal(plan(fallback).attempt, 1);
      assert.equal(plan(fallback, { own: [guest(100, "attempt-3")] }).attempt, 3);
      assert.equal(plan(fallback, { own: [guest(101, "attempt-3")] }).attempt, 1);
    });
  });
});

describe("settle", () => {
  const problems = [
    { path: "appliance.vmid", message: "100 is taken." },
    { path: "storage", message: "does not exist." },
  ];
  const judge = (change: object, input: Partial<Parameters<typeof settle>[2]> = {}) =>
    settle(declared({ ...minimal, apps, ...change }), problems, { own: [], ...input });

  it("ends the run with every problem in a site that does not fall back", () => {
    assert.deepEqual(judge({}), { problems });
  });
  it("takes the appliance's own problems as the reason to fall back, and no others", () => {
    assert.deepEqual(judge(fallback), {
      problems: [problems[1]],
      failure: "appliance.vmid: 100 is taken.",
    });
  });
  it("takes what an earlier run met", () => {
    assert.equal(judge(fallback, { reason: "no space" }).failure, "no space");
    assert.equal(judge({}, { reason: "no space" }).failure, undefined);
  });
  it("refuses to take the private network from apps that are on it", () => {
    const { problems: left, failure } = judge(fallback, { own: [guest(101, "platinum")] });
    assert.equal(failure, undefined);
    assert.match(left.map(({ message }) => message).join(), /on the private network already: wiki/);
    assert.ok(judge(fallback, { own: [guest(101, "fallback")] }).failure);
    assert.ok(judge(fallback, { own: [guest(102, "platinum")] }).failure);
  });
});
