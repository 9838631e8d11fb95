import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";

import { runTool } from "../support/nginx";
import {
  ALL4,
  ALL6,
  allOf,
  defaultOf,
  isAccepted,
  ownerOf,
  servingOf,
  socketOf,
  takers,
  type Listener,
  type Serving,
} from "../support/nginx-serving";
import { treeOf, type Directive } from "../support/nginx-tree";

const PORT = 443;
const NAMES = ["a.example.org", "b.example.org", "c.example.org"];
const PROTOCOLS = ["ssl", "proxy_protocol"];

/** Whether the tool is to open it. */
const isLiteral = ({ address, port }: Listener): boolean =>
  port === PORT && ![ALL4, ALL6, "127.0.0.1", "[::1]"].includes(address);

const withoutListeners = (tree: readonly Directive[]): readonly Directive[] =>
  tree
    .filter(({ name }) => name !== "listen")
    .map((directive) => ({ ...directive, children: withoutListeners(directive.children) }));

/** Listeners that must stay as they are. */
const foreign = ({ listeners }: Serving) =>
  listeners.filter((listen) => !isLiteral(listen) && ![ALL4, ALL6].includes(listen.address));

const speaks = (listeners: readonly Listener[], flag: string): boolean =>
  listeners.some(({ flags }) => flags.includes(flag));

const addressesOf = ({ listeners }: Serving): readonly string[] => [
  ...new Set(listeners.filter(({ port }) => port === PORT).map(({ address }) => address)),
];

/** What is lost for somebody who asks an address after all that listened on one listens on every address. */
function losses(before: Serving, after: Serving): readonly string[] {
  return addressesOf(before)
    .filter((address) => !["127.0.0.1", "[::1]"].includes(address))
    .flatMap((address) => {
      const names = NAMES.filter((name) => {
        const owner = ownerOf(before, address, PORT, name);
        return owner !== undefined && owner !== ownerOf(after, address, PORT, name);
      });
      const other = defaultOf(before, address, PORT);
      const nameless = other !== undefined && (before.names[other] ?? []).length === 0;
      const lost = nameless && other !== defaultOf(after, address, PORT) ? ["other names"] : [];
      const protocols = PROTOCOLS.filter(
        (flag) =>
          speaks(takers(before, address, PORT), flag) !==
          speaks(takers(after, address, PORT), flag),
      );
      return [...names, ...lost, ...protocols].map((what) => `${what} at ${address}`);
    });
}

/** What would come of it if each address were simply taken away. */
function opened({ names, listeners }: Serving): Serving {
  const families = new Set(listeners.filter(isLiteral).map(({ address }) => allOf(address)));
  const all = listeners.map((listen) =>
    isLiteral(listen) ? { ...listen, address: allOf(listen.address) } : listen,
  );
  // The default server of all addresses stays; else the first one of an address becomes it.
  const wasOpen = (at: number) => listeners[at]?.address === all[at]?.address;
  return {
    names,
    listeners: all.map((listen, at) => {
      if (listen.port !== PORT || !families.has(listen.address)) return listen;
      const rivals = all
        .map((other, index) => ({ other, index }))
        .filter(({ other }) => other.port === PORT && other.address === listen.address)
        .filter(({ other }) => other.flags.includes("default_server"));
      const first = rivals.find(({ index }) => wasOpen(index)) ?? rivals[0];
      const keeps = first === undefined || first.index === at;
      return keeps
        ? listen
        : { ...listen, flags: listen.flags.filter((flag) => flag !== "default_server") };
    }),
  };
}

describe("nginx-config-set-listen-all-interfaces, by the trees before and after", function () {
  this.timeout(300_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "listen-"));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const address = fc.constantFrom(
    ...["10.0.0.5:443", "10.0.0.5:443", "10.0.0.6:443", "[fd00::5]:443", "[fd00::6]:443"],
    ...["443", "*:443", "[::]:443", "127.0.0.1:443", "[::1]:443", "10.0.0.5:8443", "8443"],
  );
  // Mostly none, or hardly anything could share a socket.
  const flags = fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.subarray(["ssl", "proxy_protocol", "default_server"]) },
  );
  const listen = fc
    .tuple(address, flags)
    .map(([host, words]) => `listen ${[host, ...words].join(" ")};`);
  const other = fc.constantFrom(
    "# listen 10.0.0.5:443; }",
    'add_header X "} listen 10.0.0.5:443; {";',
    "location / { return 200 '{'; }",
    "rewrite ^/old#part$ /new;",
  );
  const names = fc
    .subarray(NAMES, { maxLength: 2 })
    .map((list) => (list.length === 0 ? [] : [`server_name ${list.join(" ")};`]));
  const server = fc
    .tuple(
      fc.array(listen, { minLength: 1, maxLength: 3 }),
      names,
      fc.array(other, { maxLength: 2 }),
    )
    .map(
      (parts) =>
        `server {\n${parts
          .flat()
          .map((line) => `    ${line}\n`)
          .join("")}}\n`,
    );
  const file = fc
    .array(server, { minLength: 1, maxLength: 4 })
    .map((servers) => servers.join(""))
    .filter((text) => isAccepted(servingOf(treeOf(text))));

  it("loses no server, changes only listeners of the port, and refuses only what cannot be", () => {
    const seen = { changed: 0, refused: 0 };
    const property = fc.property(file, (text) => {
      const path = join(folder, "site");
      writeFileSync(path, text);
      const { code, stderr } = runTool(["--files-only", path]);
      const result = readFileSync(path, "utf8");
      const before = servingOf(treeOf(text));
      const impossible = losses(before, opened(before));
      if (code !== 0) {
        seen.refused++;
        assert.deepEqual([code, result], [2, text]);
        assert.notDeepEqual(impossible, [], stderr);
        return;
      }
      if (result !== text) seen.changed++;
      assert.deepEqual(impossible, []);
      const after = servingOf(treeOf(result));
      assert.deepEqual(withoutListeners(treeOf(result)), withoutListeners(treeOf(text)));
      assert.deepEqual(foreign(after), foreign(before));
      assert.deepEqual(after.listeners.filter(isLiteral), []);
      assert.ok(isAccepted(after), result);
      assert.deepEqual(losses(before, after), [], result);
      // Who had no listener for IPv6 and takes nothing from anybody gets one.
      if (socketOf(after, ALL4, PORT).length === 0) return;
      if (before.listeners.some((listen) => listen.port === PORT && allOf(listen.address) === ALL6))
        return;
      for (const name of [...NAMES, "other"])
        assert.equal(ownerOf(after, ALL6, PORT, name), ownerOf(after, ALL4, PORT, name), result);
      assert.equal(defaultOf(after, ALL6, PORT), defaultOf(after, ALL4, PORT), result);
    });
    fc.assert(property, { numRuns: Number(process.env["NGINX_TREES"] ?? 100) });
    assert.ok(seen.changed > 15 && seen.refused > 5, JSON.stringify(seen));
  });
});
