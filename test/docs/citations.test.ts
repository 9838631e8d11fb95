import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { project, read } from "./markdown";

const NUMBER = String.raw`\d+(?:\.\d+)?`;

/** A page of docs/proxmox and the sections that follow its name: `1`, `3.1, 3.3 and 3.4`. */
const CITATION = new RegExp(
  String.raw`(docs/proxmox/[\w-]+\.md)((?: ${NUMBER}(?:(?:, | and )${NUMBER})*)?)`,
  "g",
);

/** A link from one page to a section of another: `[network.md](network.md) 1`. */
const LINK = new RegExp(String.raw`\]\(([\w-]+\.md)\) (${NUMBER})`, "g");

/** A path of a document in this repository, unless it is part of a URL or of another path. */
const DOCUMENT = /(?<![\w/.@-])docs\/[\w./-]+\.(?:md|json|png|svg)\b/g;

interface Citation {
  readonly page: string;
  readonly section: string;
}

/** The citations in a text, one for each section; a page without a section gives an empty one. */
function citationsIn(text: string): readonly Citation[] {
  return [...text.matchAll(CITATION)].flatMap(([, page = "", numbers = ""]) =>
    (numbers === "" ? [""] : numbers.trim().split(/, | and /)).map((section) => ({
      page,
      section,
    })),
  );
}

const sectionsOf = (page: string): ReadonlySet<string> =>
  new Set(
    [...read(page).matchAll(new RegExp(`^#{2,4} (${NUMBER})\\b`, "gm"))].map(([, n = ""]) => n),
  );

/** What the citations ask for and the repository does not have. */
function missing(citations: readonly Citation[]): readonly string[] {
  return citations
    .filter(
      ({ page, section }) =>
        !existsSync(join(project, page)) || (section !== "" && !sectionsOf(page).has(section)),
    )
    .map(({ page, section }) => `${page} ${section}`.trim());
}

describe("citations", () => {
  const texts = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
    cwd: project,
    encoding: "utf8",
  })
    .trim()
    .split("\n")
    // This file has wrong ones, to see that they are found.
    .filter((file) => file !== "test/docs/citations.test.ts" && !/\.(?:png|svg)$/.test(file))
    .filter((file) => existsSync(join(project, file)))
    .map((file) => ({ file, text: read(file) }));

  it("of docs/proxmox name pages and sections that exist", () => {
    const found = texts.map(({ file, text }) => ({ file, citations: citationsIn(text) }));
    const total = found.reduce((sum, { citations }) => sum + citations.length, 0);
    assert.ok(total > 80, `only ${total} citations found`);
    assert.deepEqual(
      found.flatMap(({ file, citations }) => missing(citations).map((what) => `${file}: ${what}`)),
      [],
    );
  });

  it("between the pages of docs/proxmox name sections that exist", () => {
    const pages = texts.filter(({ file }) => file.startsWith("docs/proxmox/"));
    const links = pages.flatMap(({ text }) =>
      [...text.matchAll(LINK)].map(([, page = "", section = ""]) => ({
        page: `docs/proxmox/${page}`,
        section,
      })),
    );
    assert.ok(links.length > 5, `only ${links.length} links found`);
    assert.deepEqual(missing(links), []);
  });

  it("of other documents name files that exist", () => {
    assert.deepEqual(
      texts.flatMap(({ file, text }) =>
        [...text.matchAll(DOCUMENT)]
          .filter(([path]) => !existsSync(join(project, path)))
          .map(([path]) => `${file}: ${path}`),
      ),
      [],
    );
  });

  it("are missed when page or section do not exist", () => {
    const text =
      "docs/proxmox/network.md 1 and 77, docs/proxmox/nothing.md 1, docs/proxmox/pulumi.md";
    assert.deepEqual(missing(citationsIn(text)), [
      "docs/proxmox/network.md 77",
      "docs/proxmox/nothing.md 1",
    ]);
  });

  it("lead nowhere outside the repository", () => {
    // Written apart, so that this file does not have the words itself.
    const outside = new RegExp(["facts", "/|\\.\\./", "shared"].join(""));
    assert.deepEqual(
      texts.filter(({ text }) => outside.test(text)).map(({ file }) => file),
      [],
    );
  });
});
