import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";

import { parse, stringify } from "yaml";

import { get, mustOn } from "../support/world";
import type { StackConfig } from "../support/checkout";
import { Operator } from "./operator";

const home = ["STACK=home"];

describe("an operator of a real node, without root, with Node and Pulumi alone", () => {
  let operator: Operator;

  before(() => {
    operator = new Operator();
    const { config } = parse(operator.checkout.read("Pulumi.dev.yaml")) as StackConfig;
    const { "proxmoxve:apiToken": token, "proximity-lan:sshPrivateKey": key, ...plain } = config;
    delete plain["proximity-lan:site"].apps["nginx-01"];
    operator.write("Pulumi.home.yaml", stringify({ config: plain }, { lineWidth: 0 }));
    const pulumi = (...args: readonly string[]) => [...args, "--stack", "home"];
    operator.must("toolchain/pulumi", pulumi("stack", "init"));
    const set = pulumi("config", "set", "--secret");
    operator.must("toolchain/pulumi", [...set, "proxmoxve:apiToken"], String(token));
    operator.must("toolchain/pulumi", [...set, "sshPrivateKey"], String(key));
    const page = 'proximity-lan:site.apps.notes.files["/srv/notes/index.html"].content';
    operator.must("toolchain/pulumi", [...set, "--path", page], "For this house alone");
  });
  after(() => {
    operator.remove();
  });

  it("has none of the tools that checks and tests need", () => {
    for (const tool of ["shellcheck", "jq", "busybox", "curl", "hyperfine", "openssl", "ip"])
      assert.notEqual(operator.run("sh", ["-c", `command -v ${tool}`]).code, 0, tool);
    assert.notEqual(operator.must("id", ["-u"]).trim(), "0");
  });

  it("previews with a pulumi of their own", () => {
    const output = operator.must("make", ["preview", ...home]);
    assert.match(output, /^toolchain: \S+\/\.pulumi\/bin\/pulumi \(v3\.\d+\.\d+\), with/m);
    assert.match(operator.checkout.read("preview.md"), /App `notes` is added/);
  });

  it("brings the site up, and prints the addresses on the LAN", () => {
    const output = operator.must("make", ["up", ...home]);
    const [, shown = ""] = output.split("\nOpen on your LAN:\n");
    const urls = [...shown.matchAll(/^ {2}(https?:\S+) {3,}\S/gm)].map(([, url = ""]) => url);
    assert.equal(urls.length, 3, output);
    for (const url of urls) assert.equal(get("lan-client", url).status, "200", url);
    assert.match(shown, /^ {2}http:\S+\/notes\/ +notes\.prox\.local at 10\.20\.0\.20$/m);
  });

  it("operates it: outputs, status, doctor, inspect", () => {
    assert.match(operator.must("make", ["-s", "outputs", ...home]), /"notes"/);
    assert.match(operator.must("make", ["status", ...home]), /healthy/);
    operator.must("make", ["doctor", ...home]);
    assert.match(operator.must("make", ["inspect", ...home]), /proximity-lan/);
  });

  it("goes through the whole checklist, though the stack holds secrets", () => {
    assert.match(operator.must("make", ["verify", ...home]), /^13 ok, 0 warning, 0 failed/m);
  });

  it("cleans the node up once the state is lost, without a stack", () => {
    rmSync(join(operator.checkout.folder, ".state"), { recursive: true });
    const output = operator.must("make", ["cleanup", ...home], "home\n");
    assert.match(output, /removed container 100 prox-appliance/);
    assert.equal(mustOn("pve1", "pct list"), "");
    assert.equal(mustOn("pve1", "ls /sys/class/net | grep proximity-lan || echo gone"), "gone");
  });
});
