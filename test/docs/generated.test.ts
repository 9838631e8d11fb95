import assert from "node:assert/strict";

import { generated } from "../../commands/docs/generated";
import { schemaRows } from "../../commands/docs/rows";
import { read } from "./markdown";

describe("the documents made from code", () => {
  for (const { path, text } of generated())
    it(`${path} is what \`make docs\` writes now`, () => {
      assert.equal(read(path), text);
    });
});

describe("the schema's own words", () => {
  const rows = schemaRows();

  it("say of every key what it is for, in a sentence", () => {
    assert.ok(rows.length > 30);
    for (const { key, meaning } of rows) assert.match(meaning, /^[A-Z`].{5,}\.$/, key);
  });

  it("break no table", () => {
    for (const row of rows) assert.doesNotMatch(Object.values(row).join(" "), /[|\n]/, row.key);
  });

  it("tell what is required, what has a default, and where the rest comes from", () => {
    const told = Object.fromEntries(rows.map(({ key, defaultText }) => [key, defaultText]));
    assert.equal(told["apps.NAME.vmid"], "**required**");
    assert.equal(told["apps.NAME.port"], "`80`");
    assert.equal(told["apps.NAME.mac"], "from stack and app name");
    assert.equal(told["apps.NAME.files.PATH.mode"], "`0644`");
  });
});
