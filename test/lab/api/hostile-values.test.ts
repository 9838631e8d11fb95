/**
 * Whatever a value holds, a call that writes a config file either refuses it or writes the one line that it
 * is about. The files are judged line by line here, by none of the lab's own parsers.
 */
import assert from "node:assert/strict";

import fc from "fast-check";

import { parseUserConfig } from "../../../lab/access/user-config";
import { BackendError } from "../../../lab/backend/backend";
import { dispatch } from "../../../lab/server/dispatch";
import { Identity } from "../../../lab/server/identity";
import { MemoryBackend } from "../../../lab/backend/memory-backend";
import { parseForm } from "../../../lab/server/request";
import { loadSchema } from "../../../lab/schema/load";
import { createLab, type Lab } from "../../../lab/server/server";
import { FILES, GUEST, HOSTILE_EXAMPLES, hostileText, RULE, SLOTS } from "../support/hostile-slots";
import { container } from "../support/memory-lab";

/** The lines that the second text has beyond the first one's, each as often. */
function added(before: string, after: string): readonly string[] {
  const rest = before.split("\n");
  return after.split("\n").filter((line) => {
    const at = rest.indexOf(line);
    if (at >= 0) rest.splice(at, 1);
    return at < 0 && line !== "";
  });
}

describe("hostile values", () => {
  const backend = new MemoryBackend();
  const root = new Identity("root@pam", parseUserConfig(""));
  const schema = loadSchema("9.1.2");
  let lab: Lab;
  let whole: ReadonlyMap<string, string | undefined>;

  const call = (line: string, fields: Readonly<Record<string, string>>) => {
    const [method = "", path = ""] = line.split(" ");
    const values = parseForm(new URLSearchParams(fields).toString());
    return dispatch(lab.context, schema, root, {
      method,
      segments: path.split("/").slice(1),
      values,
    });
  };
  const filesNow = async () =>
    new Map(
      await Promise.all(
        FILES.map(async (file) => [file, await backend.readFile("pve1", file)] as const),
      ),
    );
  const restore = async () => {
    for (const [file, text] of whole) {
      if (text === undefined) await backend.removeFile("pve1", file);
      else await backend.writeFile("pve1", file, text);
    }
  };

  before(async () => {
    lab = createLab({ backend });
    await call("POST /nodes/pve1/lxc", container(100));
    await call("POST /nodes/pve1/lxc", container(101, { start: "1" }));
    await lab.context.tasks.idle();
    await call(`POST ${GUEST}/firewall/rules`, {
      ...RULE,
      action: "DROP",
      proto: "tcp",
      dport: "1",
    });
    await call(`POST ${GUEST}/firewall/aliases`, { name: "old", cidr: "10.0.0.8" });
    await call(`POST ${GUEST}/firewall/ipset`, { name: "olds" });
    await call(`PUT ${GUEST}/firewall/options`, { enable: "0" });
    await call("PUT /nodes/pve1/firewall/options", { enable: "0" });
    await call("POST /pools", { poolid: "oldp" });
    await call("POST /nodes/pve1/network", { iface: "old0", type: "bridge" });
    whole = await filesNow();
  });

  for (const { call: line, fields, file, mayAdd } of SLOTS) {
    const what = Object.entries(fields("HOSTILE"))
      .filter((entry) => entry.join().includes("HOSTILE"))
      .map((entry) => entry.join("="));
    it(`${line} ${what.join()} adds nothing but ${String(mayAdd)}`, () =>
      fc.assert(
        fc.asyncProperty(hostileText, async (text) => {
          await restore();
          try {
            await call(line, fields(text));
          } catch (error) {
            // A refusal is one on purpose; anything else is a crash.
            if (!(error instanceof BackendError)) throw error;
          }
          for (const [name, now] of await filesNow()) {
            const news = added(whole.get(name) ?? "", now ?? "");
            assert.deepEqual(
              news.filter((entry) => name !== file || !mayAdd.test(entry)),
              [],
              name,
            );
            // A bridge's stanza, a pending section with its line; else it is one line.
            const most = name.endsWith(".new") ? 8 : name.endsWith("101.conf") ? 2 : 1;
            const lines = news.filter((entry) => !entry.startsWith("#"));
            assert.ok(lines.length <= most, `${name} got ${lines.join("\n")}`);
            const gone = added(now ?? "", whole.get(name) ?? "");
            assert.ok(gone.length <= 1, `${name} lost ${gone.join()}`);
          }
        }),
        { numRuns: 40, examples: HOSTILE_EXAMPLES.map((text) => [text]) },
      ));
  }
});
