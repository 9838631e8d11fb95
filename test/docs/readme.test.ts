import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";
import * as pulumi from "@pulumi/pulumi";

import { AppContainer } from "../../components/app-container";
import { Appliance } from "../../components/appliance";
import { Bridge } from "../../components/bridge";
import { Guest } from "../../components/guest";
import { nodeOf } from "../../components/node";
import { loadConfig } from "../../config";
import { describeGuests } from "../../guest-outputs";
import { describeOutputs } from "../../outputs";
import { parseSite } from "../../model/site";
import type { ReadSource } from "../../model/sources";
import { proxyPorts } from "../../render/appliance";
import { recorded, startMocks } from "../support/mocks";
import { minimal, noSecrets, plan, site, small } from "../support/sites";
import { codeSpans, project, read, section, shellLines, table } from "./markdown";
import { handwritten } from "./shown-commands";

const tracked = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: project })
  .toString()
  .trim()
  .split("\n");
const documents = tracked.filter((path) => /^(docs\/.*|[^/]*)\.md$/.test(path));
const unquoted = (cell = "") => cell.replace(/^`|`$/g, "");

describe("docs/install.md", () => {
  it("names the keys next to the site that the program asks for", () => {
    pulumi.runtime.setAllConfig({});
    const shown = section(read("docs/install.md"), "## Keys next to the site");
    const needed = table(shown, "key").filter(([, isNeeded]) => isNeeded === "yes");
    const keys = needed.map(([key]) => unquoted(key));
    assert.throws(loadConfig, ({ message }: Error) => {
      const asked = [...message.matchAll(/^ {2}- (\w[\w-]*:\w+): is missing/gm)];
      assert.deepEqual(asked.map(([, key]) => key).sort(), [...keys].sort());
      return true;
    });
  });
});

describe("docs/outputs.md", () => {
  it("names every output, and no other", async () => {
    startMocks();
    const publicInterface = { ip: "192.168.1.153/24", gw: "192.168.1.1" };
    const declared = {
      ...small,
      apps: { ...small.apps, wiki: { ...small.apps.wiki, publicInterface } },
      onApplianceFailure: "fallback",
      forwards: { git: { port: 2222, app: "wiki", appPort: 22 } },
      guests: { door: { vmid: 103, publicInterface: { ip: "192.168.1.154/24" } } },
    };
    const whole = site(declared);
    const node = nodeOf(whole, "proximity-lan-dev", pulumi.secret("KEY"));
    const bridge = new Bridge("b-lan", { node, bridge: "b-lan" });
    const appliance = new Appliance("prox-appliance", {
      ...{ node, site: whole, bridge },
      secrets: noSecrets,
    });
    const whatIsThere = plan(declared);
    const apps = whatIsThere.apps.map((placement) => ({
      app: placement.app,
      container: new AppContainer(placement.app.name, { node, placement, site: whole, appliance }),
    }));
    const outputs: unknown = describeOutputs({
      ...{ site: whole, plan: whatIsThere, apps },
      gateway: { bridge, appliance },
    });
    const guests = whole.guests.map((guest) => ({
      guest,
      container: new Guest(guest.name, { node, guest, network: whole.network, after: [] }),
    }));
    const told = { ...Object(outputs), guests: describeGuests(guests) } as unknown;
    await pulumi.runtime.disconnect();
    assert.ok(recorded.length > 0);
    const names = new Set(
      leaves(told).map((path) =>
        path
          .replace(/^exposed\..*/, "exposed.NAME")
          .replace(/^(apps|guests|forwards|dhcp\.leases)\.[^.]+/, "$1.NAME"),
      ),
    );
    const shown = table(read("docs/outputs.md"), "output").map(([name]) => unquoted(name));
    assert.deepEqual([...shown].sort(), [...names].sort());
  });
});

function leaves(value: unknown, path = ""): readonly string[] {
  if (typeof value !== "object" || value === null || pulumi.Output.isInstance(value)) return [path];
  return Object.entries(value).flatMap(([key, child]) =>
    leaves(child, path === "" ? key : `${path}.${key}`),
  );
}

/** The files that the documents name as a source do not exist. */
const anySource: ReadSource = () => ({ ok: true, text: "" });

describe("the documents", () => {
  const makefile = read("Makefile");
  const targets = [...makefile.matchAll(/^([a-z-]+%?):/gm)].map(([, name = ""]) => name);
  // A pattern, `bench-%`, stands for every name that begins so.
  const isTarget = (name: string) =>
    targets.some((one) => (one.endsWith("%") ? name.startsWith(one.slice(0, -1)) : name === one));

  for (const path of documents) {
    const text = read(path);
    const code = [...codeSpans(text), ...shellLines(text)];

    it(`${path} names only targets that the Makefile has`, () => {
      const named = code.flatMap((span) => {
        const [, name] = /\bmake ([a-z][a-z-]*)/.exec(span) ?? [];
        return name === undefined ? [] : [name];
      });
      assert.deepEqual(
        named.filter((name) => !isTarget(name)),
        [],
      );
    });

    it(`${path} names only files that are there`, () => {
      const links = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
        .map(([, link = ""]) => link)
        .filter((link) => !/^https?:/.test(link))
        .map((link) => join(path, "..", link));
      // The pages of docs/proxmox quote files of other repositories and paths of an API.
      const named = path.startsWith("docs/proxmox/") ? [] : code.filter(isProjectPath);
      assert.deepEqual(
        [...links, ...named].filter((name) => !existsSync(join(project, name))),
        [],
      );
    });
  }

  it("have every heading that a comment or an error message names", () => {
    const sources = tracked.filter((path) => /\.(ts|sh|yaml)$/.test(path) && !/^test\//.test(path));
    const named = sources.flatMap((path) =>
      // A comment may break the line after the comma, or within the heading.
      [...read(path).matchAll(/(docs\/[\w-]+\.md),\s(?:# )?[“"\\]+([^”"\\]+)[”"\\]/g)].map(
        ([, document = "", heading = ""]) => ({
          document,
          heading: heading.replace(/\n#? */g, " "),
        }),
      ),
    );
    assert.ok(named.length > 5);
    assert.deepEqual(
      named.filter(({ document, heading }) => !headingsOf(document).includes(heading)),
      [],
    );
  });

  it("have every heading that their links name", () => {
    const anchors = (path: string) =>
      headingsOf(path).map((heading) =>
        heading
          .toLowerCase()
          .replace(/[^\w\s-]/g, "")
          .replaceAll(" ", "-"),
      );
    const named = handwritten.flatMap((path) =>
      [...read(path).matchAll(/\]\(([\w./-]*)#([^)]+)\)/g)].map(([, link = "", anchor = ""]) => ({
        target: link === "" ? path : join(path, "..", link),
        anchor,
      })),
    );
    assert.ok(named.length > 5);
    assert.deepEqual(
      named.filter(({ target, anchor }) => !anchors(target).includes(anchor)),
      [],
    );
  });

  it("contain declarations that the program accepts", () => {
    for (const path of handwritten)
      for (const [, block = ""] of read(path).matchAll(/^```yaml\n([^]*?)^```$/gm)) {
        const result = parseSite({ ...minimal, ...Object(parse(block)) }, "dev", anySource);
        assert.ok(result.ok, `${path}: ${JSON.stringify(result, null, 2)}\n${block}`);
      }
  });
});

const headingsOf = (path: string) =>
  [...read(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => heading);

/** A code span that means a file of this project: relative, and with a slash or a file's ending. */
function isProjectPath(span: string): boolean {
  const isPath = /^[\w.-]+(\/[\w.*-]+)*\/?$/.test(span) && !/^[\d.]+\/\d+$/.test(span);
  const isOurs = span.includes("/") || /\.(ts|mjs|sh|md|yaml|json|svg)$/.test(span);
  // What a person makes, or a command.
  return (
    isPath && isOurs && !["Pulumi.home.yaml", "Pulumi.office.yaml", "preview.md"].includes(span)
  );
}

describe("the README", () => {
  it("has at most 10 KB", () => {
    assert.ok(Buffer.byteLength(read("README.md")) <= 10 * 1024);
  });

  it("draws the defaults in its picture", () => {
    const { network, appliance } = site(minimal);
    const picture = read("docs/network.svg");
    for (const text of [
      `${appliance.hostname}, VMID ${appliance.vmid}`,
      `eth1: ${network.gateway}`,
      `>${network.bridge}<`,
      `${network.cidr.network}/${network.cidr.prefix}`,
      `.${network.dhcp.start.split(".").at(-1) ?? ""} to .${network.dhcp.end.split(".").at(-1) ?? ""}`,
      `proxy ${proxyPorts(appliance).join(" and ")}`,
      `>${appliance.wan.bridge}<`,
    ])
      assert.ok(picture.includes(text), `the picture does not say "${text}"`);
  });
});

describe("the documents about the code and the node", () => {
  const makefile = read("Makefile");

  it("has a line for every folder and every source file at the top", () => {
    const shown = table(section(read("CONTRIBUTING.md"), "## Where things are"), "place").map(
      ([place]) => unquoted(place),
    );
    const top = tracked.map((path) => path.replace(/\/.*/, "/"));
    const rooms = new Set(top.filter((path) => /^\w+\/$|\.(ts|cjs)$/.test(path)));
    assert.deepEqual([...shown].sort(), [...rooms].sort());
  });

  it("names every path that a script of the node names", () => {
    const scripts = tracked.filter((path) => path.startsWith("scripts/node/"));
    const touched = scripts.flatMap((path) =>
      [...read(path).matchAll(/[=\s"](\/(?:etc|run)\/[\w./*-]*)/g)].map(([, at = ""]) => at),
    );
    const shown = read("docs/what-it-touches.md");
    assert.ok(touched.length > 3);
    assert.deepEqual(
      touched.filter((at) => !shown.includes(at.replace(/(XXXXXX|\*)$/, ""))),
      [],
    );
  });

  it("promises nothing without a test that mocha runs", () => {
    const promises = table(section(read("docs/promises.md"), "## What it promises"), "promise");
    assert.ok(promises.length > 0);
    for (const [promise, test] of promises) {
      const path = unquoted(test);
      assert.match(read(path), /^\s*it\(/m, promise);
      assert.match(path, /^test\/(e2e\/[\w-]+|engine)\/[\w-]+\.test\.ts$/);
    }
    assert.match(makefile, /^test: .*\n\t@test\/all\.sh (.* )?\$\(WORLDS\)( |$)/m);
    assert.match(read(".ci/run"), /^make test WORLDS=e2e$/m);
  });
});
