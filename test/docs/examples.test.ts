import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";
import { z } from "zod";

import { isApiBridgeName, networkOf } from "../../model/net";
import { parseSite } from "../../model/site";
import { renderDhcpHosts } from "../../render/dnsmasq";
import { renderNftables } from "../../render/nftables";
import { noSources, withHostKeys } from "../support/sites";
import { project, read } from "./markdown";

const file = z.strictObject({
  config: z
    .strictObject({
      "proxmoxve:endpoint": z.string(),
      "proxmoxve:insecure": z.literal("true").optional(),
      "proximity-lan:site": z.unknown(),
    })
    .readonly(),
});

const names = readdirSync(join(project, "examples")).filter((name) => name.endsWith(".yaml"));

function siteOf(name: string, stack = "home") {
  const { config } = file.parse(parse(withHostKeys(read(`examples/${name}`))));
  const result = parseSite(config["proximity-lan:site"], stack, noSources);
  if (!result.ok) throw new Error(`${name}: ${JSON.stringify(result.problems, null, 2)}`);
  return result.site;
}

describe("the examples", () => {
  it("are there", () => {
    assert.deepEqual(names.sort(), [
      "phoenix-gateway.yaml",
      "platinum-alpine.yaml",
      "platinum-and-phoenix.yaml",
      "platinum-reservations.yaml",
      "platinum-small.yaml",
      "platinum-static-wan.yaml",
      "several-nodes.yaml",
    ]);
  });

  for (const name of names)
    describe(name, () => {
      const text = read(`examples/${name}`);

      it("is a site that the program takes", () => {
        const { apps, guests } = siteOf(name);
        assert.ok(apps.length + guests.length > 0);
      });

      it("is completed and checked by an editor once it stands beside docs/", () => {
        const line = "# yaml-language-server: $schema=docs/stack.schema.json";
        assert.equal(text.split("\n")[0], line);
        assert.equal(read("Pulumi.dev.yaml").split("\n")[0], line);
        assert.ok(existsSync(join(project, "docs/stack.schema.json")));
      });

      it("asks the API over https, as the provider demands", () => {
        const { config } = file.parse(parse(text));
        assert.equal(new URL(config["proxmoxve:endpoint"]).protocol, "https:");
      });

      it("holds no secret, and says by which commands to set them", () => {
        assert.doesNotMatch(text, /PRIVATE KEY|\bsecure:|[0-9a-f]{8}-[0-9a-f]{4}-/);
        for (const key of ["proxmoxve:apiToken", "sshPrivateKey"])
          assert.match(text, new RegExp(`^ +# +pulumi config set --secret ${key}\\b`, "m"));
      });

      it("marks each value of somebody's own, and is refused with the host key of nobody", () => {
        assert.equal(text.match(/^ +# REPLACE: /gm)?.length, 3);
        const { config } = file.parse(parse(text));
        const result = parseSite(config["proximity-lan:site"], "home", noSources);
        assert.ok(!result.ok);
        for (const { path, message } of result.problems)
          assert.match(
            `${path} ${message}`,
            /hostKey is not a complete ssh-ed25519 key.*placeholder/,
          );
      });
    });

  it("show the defaults in the small one: it says nothing about network and appliance", () => {
    const { network, appliance, apps } = siteOf("platinum-small.yaml");
    assert.equal(networkOf(network.cidr), "10.20.0.0/24");
    assert.equal(network.bridge, "proximity-lan");
    assert.deepEqual([appliance.vmid, appliance.wan.address], [100, "dhcp"]);
    assert.deepEqual(
      apps.map(({ address }) => address),
      [undefined, undefined],
    );
  });

  it("show all of it on Alpine: templates, OpenRC's services, no console", () => {
    const { appliance, apps } = siteOf("platinum-alpine.yaml");
    assert.equal(appliance.console, false);
    for (const { family, template } of [appliance, ...apps])
      assert.deepEqual([family, /\/alpine-/.test(template ?? "")], ["alpine", true]);
  });

  it("show a static WAN address, reservations and an exception in the other one", () => {
    const { network, appliance, apps } = siteOf("platinum-static-wan.yaml");
    assert.ok(isApiBridgeName(network.bridge));
    assert.deepEqual(
      [appliance.wan.address, appliance.wan.gateway],
      ["172.20.0.90/24", "172.20.0.1"],
    );
    assert.match(renderDhcpHosts(apps), /^02:00:00:00:09:01,10\.30\.0\.20,wiki$/m);
    assert.match(
      renderNftables({
        network,
        wan: "eth0",
        lan: "eth1",
        proxyPorts: [80],
        statusPort: 8081,
        forwards: [],
      }),
      /ip saddr 10\.30\.0\.0\/24 ip daddr 172\.20\.0\.40\/32 accept/,
    );
  });
});
