import assert from "node:assert/strict";

import { readEvents } from "../../commands/preview/events";
import { renderPreview } from "../../commands/preview/markdown";
import { checkPlan, planConfig } from "../../model/guards/plan";
import { containerType, differencesOf, rebootsFor, type Step } from "../../model/plan";
import { assertGolden } from "../support/golden";
import { stepsTo, type Declared } from "./preview-steps";

const unknown = { before: undefined, after: undefined };

const changes: readonly (readonly [string, (site: Declared) => void])[] = [
  ["add-app", ({ apps }) => (apps["wiki"] = { vmid: 103, port: 3000 })],
  ["change-port", ({ apps }) => (apps["notes"] = { ...apps["notes"], port: 8001 })],
  [
    "change-reservation",
    ({ apps }) => (apps["notes"] = { ...apps["notes"], address: "10.20.0.21" }),
  ],
  ["move-to-direct", ({ apps }) => (apps["notes"] = { ...apps["notes"], network: "direct" })],
  ["more-memory", ({ apps }) => (apps["web"] = { ...apps["web"], memory: 1024 })],
  ["remove-gateway", (site) => (site.apps = {})],
];

describe("the page of a preview", () => {
  for (const [name, change] of changes)
    it(`tells a reviewer what is needed: ${name}`, async () => {
      const { steps, apps, exposure } = await stepsTo(change);
      const counts: Record<string, number> = {};
      for (const { operation } of steps) counts[operation] = (counts[operation] ?? 0) + 1;
      const planViolations = checkPlan(steps, planConfig.parse({}));
      const nothing = { violations: [], errors: [], warnings: [] };
      const page = renderPreview({
        stack: "office",
        steps,
        apps,
        counts,
        exposure,
        planViolations,
        ...nothing,
      });
      assertGolden(`preview/${name}.md`, page);
      assert.doesNotMatch(page, /KEY|PRIVATE/);
    });

  it("tells a changed script once, however many set-ups carry it", () => {
    const words = (port: number) => `[ $# -gt 0 ] || set -- apply 101 ${port}\n`;
    const setup = (name: string, [old, now]: readonly [number, number]): Step => ({
      operation: "update",
      name: `${name}-setup`,
      type: "command:remote:Command",
      component: { type: "proximity-lan:components:AppContainer", name },
      before: { create: `apply ${old}`, stdin: `${words(old)}old\nfile 0755 1 app.sh\na\nend\n` },
      after: { create: `apply ${now}`, stdin: `${words(now)}new\nfile 0755 1 app.sh\nb\nend\n` },
    });
    const steps = [setup("notes", [80, 80]), setup("web", [80, 81]), setup("wiki", [80, 80])];
    const nothing = { violations: [], errors: [], warnings: [], planViolations: [] };
    const page = renderPreview({
      ...{ stack: "office", steps, apps: [], counts: {}, exposure: unknown },
      ...nothing,
    });
    assertGolden("preview/changed-script.md", page);
  });

  it("fits into a comment, however much changes, and says what is missing", () => {
    const text = (word: string) =>
      Array.from({ length: 60 }, (_, at) => `${word} ${at} in a line of some length`).join("\n");
    const steps = Array.from({ length: 151 }, (_, at): Step => {
      const stdin = (word: string) => {
        const content = `${text(word)}\n`;
        return `file 0644 ${Buffer.byteLength(content)} files/etc/app.conf\n${content}\nend\n`;
      };
      return {
        operation: "update",
        name: `app-${at}-setup`,
        type: "command:remote:Command",
        component: { type: "proximity-lan:components:AppContainer", name: `app-${at}` },
        before: { create: "apply", stdin: stdin("old") },
        after: { create: "apply", stdin: stdin("new") },
      };
    });
    const page = renderPreview({
      ...{ stack: "s", steps, apps: [], counts: {}, exposure: unknown, violations: [] },
      ...{ errors: [], warnings: ["one line", "two\nlines"], planViolations: [] },
    });
    assert.ok(page.length <= 65_536, String(page.length));
    assert.match(page, /<details><summary>\/etc\/app\.conf: \d+ lines<\/summary>\n\n```diff\n/);
    const shown = page.match(/^#### update /gm)?.length ?? 0;
    assert.ok(shown > 0 && shown < 151);
    assert.match(page, new RegExp(`^${151 - shown} more changes are not shown`, "m"));
    assert.match(page, /^- one line$/m);
    assert.match(page, /^```text\ntwo\nlines\n```$/m);
  });

  it("shows no secret that stands in a file, and says that it does", () => {
    const step: Step = {
      operation: "update",
      name: "web-setup",
      type: "command:remote:Command",
      component: { type: "proximity-lan:components:AppContainer", name: "web" },
      before: {},
      after: {
        stdin: "file 0600 39 files/etc/key\n-----BEGIN RSA PRIVATE KEY-----\nabcdefg\nend\n",
      },
    };
    const planViolations = checkPlan([step], planConfig.parse({}));
    const nothing = { violations: [], errors: [], warnings: [], apps: [], counts: {} };
    const page = renderPreview({
      ...{ stack: "s", steps: [step], planViolations, exposure: unknown },
      ...nothing,
    });
    assert.doesNotMatch(page, /abcdefg/);
    assert.match(page, /\/etc\/key: it holds a private key and is not shown/);
    assert.match(page, /\*\*no-plain-secrets\*\* on `web-setup\.stdin`: holds a private key/);
  });
});

describe("the rules of a plan", () => {
  const gone = (name: string, kind = "AppContainer"): Step => ({
    operation: "delete",
    name,
    type: containerType,
    component: { type: `proximity-lan:components:${kind}`, name },
    before: {},
    after: {},
  });
  const rules = (steps: readonly Step[], config: unknown = {}) =>
    checkPlan(steps, planConfig.parse(config)).map(({ rule }) => rule);

  it("keep the appliance unless its loss was agreed to", () => {
    const steps = [gone("prox-appliance", "Appliance")];
    assert.deepEqual(rules(steps), ["protected"]);
    assert.deepEqual(rules(steps, { protected: { acknowledged: ["prox-appliance"] } }), []);
  });
  it("let only so many apps go at once", () => {
    const steps = ["a", "b", "c", "d"].map((name) => gone(name));
    assert.deepEqual(rules(steps.slice(1)), []);
    assert.deepEqual(rules(steps), ["removal-limit"]);
    assert.deepEqual(rules(steps, { "removal-limit": { limit: 4 } }), []);
  });
});

describe("the engine's events", () => {
  const urn = "urn:pulumi:dev::proximity-lan::proximity-lan:components:AppContainer";
  const lines = [
    {
      resourcePreEvent: {
        metadata: {
          op: "update",
          urn: `${urn}$${containerType}::web`,
          type: containerType,
          old: { parent: `${urn}::web`, inputs: { memory: { dedicated: 512 } } },
          new: { parent: `${urn}::web`, inputs: { memory: { dedicated: 1024 } } },
        },
      },
    },
    {
      policyEvent: {
        resourceUrn: `${urn}::web`,
        message: "M",
        policyName: "p",
        enforcementLevel: "mandatory",
      },
    },
    { diagnosticEvent: { message: "careful\n", severity: "warning" } },
    { summaryEvent: { resourceChanges: { update: 1, same: 3 } } },
    { cancelEvent: {} },
  ];
  it("become steps, violations and counts", () => {
    const said = readEvents("dev", lines.map((line) => JSON.stringify(line)).join("\n"));
    assert.equal(said.steps[0]?.component.name, "web");
    assert.equal(said.steps[0].component.type, "proximity-lan:components:AppContainer");
    assert.deepEqual(said.apps, ["web"]);
    assert.deepEqual(said.warnings, ["careful"]);
    assert.deepEqual(said.violations[0]?.policy, "p");
    assert.deepEqual(said.counts, { update: 1, same: 3 });
  });

  it("tell no difference that the provider does not see, as in what was imported", () => {
    const step = (diffs: readonly string[]) => {
      const old = { inputs: { memory: { dedicated: 512 }, tags: ["a"] } };
      const now = { inputs: { memory: { dedicated: 512, swap: 0 }, tags: ["b"], vmId: 101 } };
      const metadata = { op: "update", urn, type: containerType, old, new: now, diffs };
      const [first] = readEvents("dev", JSON.stringify({ resourcePreEvent: { metadata } })).steps;
      return first ?? assert.fail();
    };
    const seen = step(["tags", "vmId"]);
    assert.deepEqual(
      differencesOf(seen).map(({ path }) => path),
      ["tags[0]", "vmId"],
    );
    assert.deepEqual(rebootsFor(seen), []);
    assert.deepEqual(rebootsFor(step(["memory"])), ["memory.swap"]);
  });
});
