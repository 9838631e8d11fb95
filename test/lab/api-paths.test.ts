import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { ROUTES } from "../../lab/server/routes";

const API = join(__dirname, "../../lab/api");

/** The file of a path below lab/api. The firewall of guests, nodes and the cluster is one folder. */
const fileOf = (path: string): string =>
  `${path.replace(/^.*\/firewall\//, "/firewall/").slice(1)}.ts`;

describe("the files of lab/api", () => {
  it("are one for each path that the lab answers, with the path as the name", () => {
    const files = readdirSync(API, { recursive: true, encoding: "utf8" });
    const wanted = new Set(ROUTES.map(({ path }) => fileOf(path)));
    assert.deepEqual(files.filter((file) => file.endsWith(".ts")).sort(), [...wanted].sort());
  });
});
