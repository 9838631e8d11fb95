import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import {
  listBelow,
  readBelow,
  removeBelow,
  resolveBelow,
  writeBelow,
} from "../../lab/world/rooted-files";
import { needRoot } from "./support/labs";

describe("files below another root", () => {
  let top: string;
  let root: string;

  beforeEach(() => {
    top = mkdtempSync(path.join(tmpdir(), "rooted-"));
    root = path.join(top, "root");
    mkdirSync(path.join(root, "etc"), { recursive: true });
    writeFileSync(path.join(top, "outside"), "secret");
  });
  afterEach(() => {
    rmSync(top, { recursive: true });
  });

  it("takes absolute links from the root, and does not climb above it", () => {
    mkdirSync(path.join(root, "run"));
    writeFileSync(path.join(root, "run/resolv.conf"), "inside");
    symlinkSync("/run/resolv.conf", path.join(root, "etc/absolute"));
    symlinkSync("../../../../run/resolv.conf", path.join(root, "etc/climbing"));
    symlinkSync(path.join(top, "outside"), path.join(root, "etc/escape"));
    assert.equal(readBelow(root, "/etc/absolute"), "inside");
    assert.equal(readBelow(root, "/etc/climbing"), "inside");
    assert.equal(readBelow(root, "/etc/escape"), undefined);
    assert.equal(readBelow(root, "/../outside"), undefined);
  });

  it("follows links of folders when it writes, and replaces a link that is the file itself", function () {
    needRoot(this);
    symlinkSync("/real", path.join(root, "etc/folder"));
    symlinkSync(path.join(top, "outside"), path.join(root, "etc/file"));
    writeBelow(root, "/etc/folder/a", "text");
    writeBelow(root, "/etc/file", "new");
    assert.equal(readFileSync(path.join(root, "real/a"), "utf8"), "text");
    assert.equal(readFileSync(path.join(root, "etc/file"), "utf8"), "new");
    assert.equal(readFileSync(path.join(top, "outside"), "utf8"), "secret");
  });

  it("gives new files and folders to the owner and keeps the mode of a replaced file", function () {
    needRoot(this);
    writeBelow(root, "/srv/deep/file", "1", 100_000);
    assert.equal(statSync(path.join(root, "srv")).uid, 100_000);
    assert.equal(statSync(path.join(root, "srv/deep/file")).gid, 100_000);
    writeFileSync(path.join(root, "etc/secret"), "old", { mode: 0o600 });
    writeBelow(root, "/etc/secret", "new");
    assert.equal(statSync(path.join(root, "etc/secret")).mode & 0o777, 0o600);
    assert.deepEqual(listBelow(root, "/etc"), ["secret"]);
  });

  it("stops at links that lead in circles", () => {
    symlinkSync("b", path.join(root, "a"));
    symlinkSync("a", path.join(root, "b"));
    assert.throws(() => resolveBelow(root, "/a"), /Too many symbolic links in \/a/);
  });

  it("takes a missing folder for an empty one, and removes what is not there", () => {
    assert.deepEqual(listBelow(root, "/no/such"), []);
    removeBelow(root, "/no/such");
    assert.equal(readBelow(root, "/etc/none"), undefined);
  });
});
