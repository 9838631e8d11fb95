import assert from "node:assert/strict";

import { parse, stringify } from "yaml";

import { ProjectCopy, type StackFile } from "./support/project";

/** What Linux takes in one string of a program's environment, its last byte a NUL. */
const LIMIT = 128 * 1024;

interface Result {
  readonly name: string;
  readonly verdict: string;
  readonly seen: string;
}

describe("a declaration with long texts, on the real engine", function () {
  this.timeout(240_000);
  let copy: ProjectCopy;

  before(async () => {
    copy = new ProjectCopy();
    // Nothing listens there: the program is offline, and the doctor's other checks may fail.
    await copy.useStack("examples/platinum-small.yaml", 9);
  });
  after(() => {
    copy.remove();
  });

  /** Declares one file of an app, beside what the example has. */
  function declare(file: Readonly<Record<string, string>>): void {
    const stack = parse(copy.read("Pulumi.dev.yaml")) as StackFile;
    const site = stack.config["proximity-lan:site"] as {
      apps: Record<string, Record<string, unknown>>;
    };
    const [[name, app] = assert.fail("the example has no app")] = Object.entries(site.apps);
    site.apps[name] = { ...app, files: { "/srv/long.txt": file } };
    const config = { ...stack.config, "proximity-lan:offline": "true" };
    copy.write("Pulumi.dev.yaml", stringify({ ...stack, config }, { lineWidth: 0 }));
  }

  /** What the doctor says of the declaration's size. */
  async function size(): Promise<string> {
    const { output } = await copy.run("tsx", ["commands/doctor.ts", "dev", "--json"]);
    const results = JSON.parse(output.slice(output.indexOf("["))) as readonly Result[];
    const found = results.find(({ name }) => name === "declaration's size");
    return found === undefined ? output : `${found.verdict} ${found.seen}`;
  }

  /** A text with which the whole configuration has so many bytes. */
  async function textFor(bytes: number): Promise<string> {
    declare({ content: "" });
    const answer = await copy.must("toolchain/pulumi", ["config", "--show-secrets", "--json"]);
    const values = Object.entries(JSON.parse(answer) as Record<string, { value: string }>);
    const handed = Object.fromEntries(
      values.map(([key, { value }]) => [key.replace(":", ":config:"), value]),
    );
    const html = (text: string) => text.replace(/[<>&]/g, "\\u0000");
    const now = Buffer.byteLength(`PULUMI_CONFIG=${html(JSON.stringify(handed))}\0`);
    return "x".repeat(bytes - now);
  }

  it("is taken up to the last byte, with a warning of the doctor", async () => {
    declare({ content: await textFor(LIMIT) });
    const { code, output } = await copy.preview();
    assert.equal(code, 0, output);
    assert.equal(
      await size(),
      "warning 128 KiB of the 128 KiB that Pulumi can hand to its program",
    );
  });

  it("cannot be handed to the program with one byte more, and the doctor says it", async () => {
    declare({ content: await textFor(LIMIT + 1) });
    const { code, output } = await copy.preview();
    assert.notEqual(code, 0);
    assert.match(output, /argument list too long/);
    assert.equal(await size(), "failed 129 KiB of the 128 KiB that Pulumi can hand to its program");
  });

  it("does not count what stands in a file of its own", async () => {
    copy.write("long.txt", "x".repeat(4 * LIMIT));
    declare({ source: "long.txt" });
    const { code, output } = await copy.preview();
    assert.equal(code, 0, output);
    assert.match(await size(), /^ok /);
  });
});
