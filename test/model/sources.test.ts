import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parseSite } from "../../model/site";
import type { SourceText } from "../../model/sources";
import { readSource } from "../../source-file";
import { gatewayWith, minimal } from "../support/sites";

/** A site whose app has one file. */
const siteWith = (file: unknown): unknown => ({
  ...minimal,
  apps: { wiki: { vmid: 101, files: { "/srv/page.html": file } } },
});

const read = (path: string): SourceText =>
  path === "pages/wiki.html"
    ? { ok: true, text: "<h1>wiki</h1>\n" }
    : { ok: false, why: `cannot be read. There is no ${path} in the project's folder.` };

const problems = (value: unknown): readonly string[] => {
  const result = parseSite(value, "dev", read);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
};

describe("a file's source", () => {
  it("is the file's text, as if that stood under content", () => {
    const named = parseSite(siteWith({ source: "pages/wiki.html", mode: "0600" }), "dev", read);
    const written = parseSite(siteWith({ content: "<h1>wiki</h1>\n", mode: "0600" }), "dev", read);
    assert.ok(named.ok && written.ok);
    assert.deepEqual(named.site, written.site);
    assert.equal(named.site.apps[0]?.files["/srv/page.html"]?.content, "<h1>wiki</h1>\n");
  });

  it("is taken for guests too", () => {
    const site = gatewayWith({}, { files: { "/srv/page.html": { source: "pages/wiki.html" } } });
    const result = parseSite(site, "dev", read);
    assert.ok(result.ok);
    assert.equal(result.site.guests[0]?.files["/srv/page.html"]?.content, "<h1>wiki</h1>\n");
  });

  it("may be left out for an empty content", () => {
    assert.deepEqual(problems(siteWith({ content: "" })), []);
  });

  const file = "apps.wiki.files./srv/page.html";
  for (const [name, value, expected] of [
    ["neither text nor source", { mode: "0600" }, `${file}: has no text. Write it under content,`],
    ["both", { content: "", source: "pages/wiki.html" }, `${file}: has both content and source.`],
    ["a file that is not there", { source: "x" }, `${file}.source: cannot be read. There is no x`],
    ["a source that is no path", { source: 1 }, `${file}.source: is a number, which is not text.`],
    ["a file that is no record", "text", `${file}: is text, which is not a mapping.`],
  ] as const)
    it(`is refused once, and with what to do: ${name}`, () => {
      const found = problems(siteWith(value));
      assert.equal(found.length, 1, found.join("\n"));
      assert.ok(found[0]?.startsWith(expected), found[0]);
    });

  it("that is wrong does not hide what else is", () => {
    const site = siteWith({ source: "x", mode: "rw" });
    const found = problems({ ...(site as object), extra: 1 });
    assert.deepEqual(found.map((line) => line.replace(/: .*/s, "")).sort(), [
      `${file}.mode`,
      `${file}.source`,
      "extra",
    ]);
  });
});

describe("readSource", () => {
  const place = mkdtempSync(join(tmpdir(), "sources-"));
  const project = join(place, "project");
  before(() => {
    mkdirSync(join(project, "..page"), { recursive: true });
    writeFileSync(join(project, "page"), "\uFEFFgrüß\n");
    writeFileSync(join(project, "..page", "page"), "inside\n");
    writeFileSync(join(project, "picture"), Buffer.from([0x89, 0x50, 0xff, 0xfe]));
    writeFileSync(join(place, "secret"), "not yours\n");
    symlinkSync("../secret", join(project, "link"));
    symlinkSync(project, join(place, "other-name"));
  });
  after(() => {
    rmSync(place, { recursive: true });
  });

  it("gives the text as it is", () => {
    assert.deepEqual(readSource("page", project), { ok: true, text: "\uFEFFgrüß\n" });
    assert.deepEqual(readSource("..page/page", project), { ok: true, text: "inside\n" });
  });

  it("goes through a link that leads to the project", () => {
    assert.ok(readSource("page", join(place, "other-name")).ok);
  });

  for (const [name, path, why] of [
    ["an absolute path", "/etc/hostname", /^is an absolute path\./],
    ["a path that leads out", "../secret", /^is outside the project's folder\./],
    ["a link that leads out", "link", /^is outside the project's folder\./],
    ["nothing", "absent", /^cannot be read\. There is no absent in the project's folder\.$/],
    ["a folder", "..page", /^cannot be read\. \.\.page is a folder\.$/],
    ["what is no text", "picture", /^cannot be read\. picture is no text in UTF-8/],
  ] as const)
    it(`refuses ${name}`, () => {
      const found = readSource(path, project);
      assert.ok(!found.ok);
      assert.match(found.why, why);
    });
});
