/** What becomes of a Phoenix hypervisor's DNS server. */
import assert from "node:assert/strict";

import { noteOn, one, verdict, type Values } from "../support/phoenix-files";

describe("the import of a Phoenix hypervisor's DNS server", () => {
  const server = (...zones: readonly Values[]) => ({
    dns_server: { enabled: true, upstream_servers: ["9.9.9.9"], authoritative_zones: zones },
  });
  const zone = (zone_name: string, ...records: readonly Values[]) => ({ zone_name, records });
  const networkOf = (host: Values) => {
    const { site, notes } = one({}, host);
    assert.deepEqual(verdict(site), []);
    return { network: site["network"] as Values, notes };
  };

  it("has its records in network.dns.records, by their whole names", () => {
    const { network, notes } = networkOf(
      server(
        zone(
          "lan.example.org",
          { hostname: "CA", ip_internal: "10.0.0.10" },
          { hostname: "web.stage", ip_internal: "10.0.0.11" },
          { hostname: "@", ip_internal: "10.0.0.12" },
          { hostname: "whole.lan.example.org.", ip_internal: "10.0.0.13" },
        ),
        zone("example.net", { hostname: "www", ip_internal: "10.0.0.14" }),
        zone("example.net", { hostname: "www", ip_internal: "10.0.0.15" }),
      ),
    );
    assert.deepEqual(network["dns"], {
      records: {
        "ca.lan.example.org": "10.0.0.10",
        "web.stage.lan.example.org": "10.0.0.11",
        "lan.example.org": "10.0.0.12",
        "whole.lan.example.org": "10.0.0.13",
        "www.example.net": ["10.0.0.14", "10.0.0.15"],
      },
    });
    assert.deepEqual([network["upstreamDns"], notes], [["9.9.9.9"], []]);
  });

  it("has a wildcard of another domain in network.dns.wildcards", () => {
    const { network, notes } = networkOf(
      server(
        zone("example.net", { hostname: "*", ip_internal: "10.0.0.14" }),
        zone("lan.example.org", { hostname: "*.stage", ip_internal: "10.0.0.14" }),
      ),
    );
    assert.deepEqual(network["dns"], { wildcards: { "example.net": "10.0.0.14" } });
    assert.match(noteOn(notes, "dns_server.authoritative_zones.1.records.0"), /record of its own/);
  });

  it("names each record and each address that has no place", () => {
    const { network, notes } = networkOf(
      server(
        zone(
          "example.net",
          { hostname: "www", ip_internal: "10.0.0.10", ip_external: "192.168.1.153" },
          { hostname: "out", ip_external: "192.168.1.153" },
          { hostname: "under_score", ip_internal: "10.0.0.10" },
          { hostname: "six", ip_internal: "fd00::1" },
        ),
        zone("lan.example.org", { hostname: "gateway", ip_internal: "10.0.0.10" }),
      ),
    );
    assert.deepEqual(network["dns"], { records: { "www.example.net": "10.0.0.10" } });
    const at = "dns_server.authoritative_zones";
    assert.match(noteOn(notes, `${at}.0.records.0.ip_external`), /answers only inside/);
    assert.match(noteOn(notes, `${at}.0.records.1`), /no ip_internal/);
    assert.match(noteOn(notes, `${at}.0.records.2`), /not a domain name/);
    assert.match(noteOn(notes, `${at}.0.records.3`), /not an IPv4 address/);
    assert.match(noteOn(notes, `${at}.1.records.0`), /the appliance has this name/);
    assert.match(noteOn(notes, `${at}.1.zone_name`), /no record of this zone/);
    assert.equal(notes.length, 6);
  });

  it("is left out and named when it is switched off", () => {
    const { network, notes } = networkOf({
      dns_server: { enabled: false, upstream_servers: ["9.9.9.9"] },
    });
    assert.equal(network["upstreamDns"], undefined);
    assert.match(noteOn(notes, "dns_server"), /switched off/);
  });
});
