import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { GuestScripts, guestScriptsCheck } from "../../components/guest-scripts";
import { nodeOf } from "../../components/node";
import { resource, startMocks } from "../support/mocks";
import { site } from "../support/sites";

const tag = "proximity-lan-dev";
const scripts = join(__dirname, "..", "..", "scripts");

describe("the scripts for guests, on the node", () => {
  let place: string;
  let folder: string;
  let stdin: string;

  before(async () => {
    startMocks();
    new GuestScripts(nodeOf(site(), tag, pulumi.secret("KEY")));
    const { inputs } = await resource("guest-scripts");
    stdin = String(inputs["stdin"]);
    assert.equal(inputs["delete"], `bash -s -- remove /usr/local/lib/${tag}`);
  });
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "guest-scripts-"));
    folder = join(place, "lib", tag);
    mkdirSync(join(place, "lib"));
    mkdirSync(join(place, "nodes", "pve1", "lxc"), { recursive: true });
  });
  afterEach(() => {
    rmSync(place, { recursive: true });
  });

  /** As the node runs it, in folders of the test's own. */
  function run(verb: string, words: readonly string[] = []) {
    const [, own = "", bundle = ""] = /^(.*?\n)(file .*)$/s.exec(stdin) ?? [];
    const input = own.replaceAll("/etc/pve/nodes", join(place, "nodes")) + bundle;
    const args = ["-s", "--", verb, folder, ...words];
    return spawnSync("bash", args, { input, encoding: "utf8" });
  }
  const { words } = guestScriptsCheck(tag);
  const digest = words.at(-1) ?? "";
  const check = () => run("check", [digest]);

  const apply = () => run("apply", [digest]);

  it("are all that a set-up may load, as they are in this project", () => {
    assert.equal(apply().status, 0);
    for (const room of ["node", "guest"])
      for (const file of readdirSync(join(folder, room), { recursive: true, encoding: "utf8" }))
        if (file.endsWith(".sh"))
          assert.equal(
            readFileSync(join(folder, room, file), "utf8"),
            readFileSync(join(scripts, room, file), "utf8"),
          );
    const wanted = readdirSync(join(scripts, "guest"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".sh") && !["look.sh", "public-routes.sh"].includes(file))
      .sort();
    const placed = readdirSync(join(folder, "guest"), { recursive: true, encoding: "utf8" });
    assert.deepEqual(placed.filter((file) => file.endsWith(".sh")).sort(), wanted);
  });

  it("are found as they were placed, and leave nothing else behind", () => {
    apply();
    assert.deepEqual([check().stdout, check().stderr], ["", ""]);
    assert.deepEqual(readdirSync(join(place, "lib")), [tag]);
    assert.equal(apply().status, 0);
    assert.deepEqual(readdirSync(join(place, "lib")), [tag]);
  });

  it("are seen to be changed, to have something more, and to be gone", () => {
    apply();
    const file = join(folder, "guest", "app.sh");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, `${text}# by hand\n`);
    assert.equal(check().stdout, `found\t${folder} has another content\n`);
    writeFileSync(file, text);
    assert.equal(check().stdout, "");
    writeFileSync(join(folder, "guest", "more.sh"), "");
    assert.equal(check().stdout, `found\t${folder} has another content\n`);
    rmSync(folder, { recursive: true });
    assert.equal(check().stdout, "absent\t\n");
    writeFileSync(join(place, "nodes/pve1/lxc/101.conf"), `tags: ${tag}\n`);
    assert.match(check().stdout, /^absent\tThere is no .* on the node, .* it is placed\.\n$/);
  });

  it("are refused when others arrived than were sent, and the old ones stay", () => {
    apply();
    const { status, stderr } = run("apply", [digest.replace(/^./, (c) => (c === "0" ? "1" : "0"))]);
    assert.equal(status, 1);
    assert.match(stderr, /arrived as others than were sent/);
    assert.equal(check().stdout, "");
    assert.deepEqual(readdirSync(join(place, "lib")), [tag]);
  });

  it("do not touch a folder of somebody else's, neither to place nor to remove", () => {
    mkdirSync(folder);
    writeFileSync(join(folder, "mine"), "");
    for (const done of [apply(), run("remove")]) {
      assert.equal(done.status, 1);
      assert.match(done.stderr, /was not written by this program/);
    }
    assert.deepEqual(readdirSync(folder), ["mine"]);
  });

  it("go whole, and are no failure when they are gone already", () => {
    apply();
    assert.equal(run("remove").status, 0);
    assert.equal(existsSync(folder), false);
    assert.equal(run("remove").status, 0);
  });
});
