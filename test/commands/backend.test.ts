import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { backendFolder, locksOf, repairBackend } from "../../commands/backend";

const state = ".pulumi/stacks/proximity-lan/dev.json";
const locks = ".pulumi/locks/organization/proximity-lan/dev";
const checkpoint = ".pulumi/history/proximity-lan/dev/dev-2.checkpoint.json";
const whole: Readonly<Record<string, string>> = {
  [state]: '{"version":3}',
  [`${state}.attrs`]: "{}",
  [`${state}.bak`]: '{"version":3,"older":1}',
  [`${state}.bak.attrs`]: "{}",
  [checkpoint]: '{"version":3,"oldest":1}',
  ".pulumi/meta.yaml": "version: 1\n",
};

describe("a backend in a folder", () => {
  let folder = "";
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const read = (path: string) => readFileSync(join(folder, path), "utf8");

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "backend-"));
    for (const [path, text] of Object.entries(whole)) write(path, text);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("is left alone while it is whole, and before there is a stack", () => {
    assert.deepEqual(repairBackend(folder, "dev"), []);
    assert.deepEqual(repairBackend(folder, "home"), []);
    assert.deepEqual(repairBackend(join(folder, "none"), "dev"), []);
    for (const [path, text] of Object.entries(whole)) assert.equal(read(path), text);
  });

  for (const path of [
    `${state}.attrs`,
    `${state}.bak`,
    `${state}.bak.attrs`,
    `${locks}/1.json.attrs`,
  ])
    it(`loses an empty ${path}, and nothing else`, () => {
      write(path, "");
      const [repair, ...rest] = repairBackend(folder, "dev");
      assert.deepEqual(rest, []);
      assert.match(repair ?? "", /was cut off while it was written; it is removed/);
      assert.ok(!existsSync(join(folder, path)));
      assert.equal(read(state), whole[state]);
    });

  it("gets its state back from the copy, or from the newest checkpoint", () => {
    for (const [text, copy] of [
      ["", '{"version":3,"older":1}'],
      ['{"version":', '{"version":3,"older":1}'],
    ] as const) {
      write(state, text);
      write(`${state}.attrs`, "{}");
      assert.match(repairBackend(folder, "dev").join(), /restored from dev\.json\.bak/);
      assert.equal(read(state), copy);
      assert.ok(!existsSync(join(folder, `${state}.attrs`)));
    }
    write(state, "");
    write(`${state}.bak`, "");
    assert.match(repairBackend(folder, "dev").join(), /restored from dev-2\.checkpoint\.json/);
    assert.equal(read(state), whole[checkpoint]);
  });

  it("says so where no copy is left", () => {
    for (const path of [state, `${state}.bak`, checkpoint]) write(path, "");
    assert.throws(() => repairBackend(folder, "dev"), /there is no copy of it.*docs\/recover\.md/);
  });

  it("keeps the layout that its meta file names", () => {
    write(".pulumi/meta.yaml", "");
    assert.equal(repairBackend(folder, "dev").length, 1);
    assert.equal(read(".pulumi/meta.yaml"), "version: 1\n");
  });

  it("names who holds its locks, and passes over half-written ones", () => {
    write(`${locks}/1.json`, JSON.stringify({ pid: 7, username: "me", hostname: hostname() }));
    write(`${locks}/2.json`, "");
    assert.deepEqual(locksOf(folder, "dev"), [{ pid: 7, hostname: hostname() }]);
    assert.deepEqual(locksOf(folder, "home"), []);
  });

  it("is the folder of the project, of PULUMI_BACKEND_URL, or none", () => {
    assert.match(backendFolder("file:///srv/state?no_tmp_dir=true") ?? "", /^\/srv\/state$/);
    assert.match(backendFolder("file://~/state") ?? "", /^\/.+\/state$/);
    assert.equal(backendFolder("s3://bucket"), undefined);
  });
});
