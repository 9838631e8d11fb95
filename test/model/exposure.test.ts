import assert from "node:assert/strict";

import { exposureChanges, exposureOf } from "../../model/exposure";
import { minimal, plan, site } from "../support/sites";

type Declared = Readonly<Record<string, unknown>>;

const exposed = (declared: Declared) => {
  const value = { ...minimal, ...declared };
  return exposureOf(site(value), plan(value));
};

const wiki = { vmid: 101, port: 8000, address: "10.20.0.20" };
const lan = { ip: "192.168.1.153/24" };
const guest = (firewall: Declared = {}) => ({
  guests: { door: { vmid: 103, publicInterface: { ...lan, firewall } } },
});

/** A change of the declaration, and what a reviewer must not miss in it. */
const changes: readonly (readonly [string, Declared, Declared, readonly string[]])[] = [
  [
    "a new app",
    { apps: { wiki } },
    { apps: { wiki, git: { vmid: 102 } } },
    ["**Opens** app git: Everyone on the LAN may reach it through the proxy, without a password."],
  ],
  [
    "an app's password is removed",
    { apps: { wiki: { ...wiki, proxy: { auth: ["alice"] } } } },
    { apps: { wiki } },
    [
      "**Changes** app wiki: Everyone on the LAN may reach it through the proxy, without a password. Until now: Everyone on the LAN may reach it through the proxy, with the password of alice.",
    ],
  ],
  [
    "an app's allowFrom is removed",
    { apps: { wiki: { ...wiki, proxy: { allowFrom: ["192.168.1.5/32"] } } } },
    { apps: { wiki } },
    [
      "**Changes** app wiki: Everyone on the LAN may reach it through the proxy, without a password. Until now: Only 192.168.1.5/32 may reach it through the proxy, without a password.",
    ],
  ],
  [
    "an app moves to the LAN",
    { apps: { wiki, git: { vmid: 102 } } },
    { apps: { wiki, git: { vmid: 102, network: "direct" } } },
    [
      "**Changes** app git: It is on the LAN, without isolation and proxy: everyone there may reach all its ports. Until now: Everyone on the LAN may reach it through the proxy, without a password.",
    ],
  ],
  [
    "a forward",
    { apps: { wiki } },
    { apps: { wiki }, forwards: { ssh: { port: 2222, app: "wiki", appPort: 22 } } },
    [
      "**Opens** forward ssh: Everyone on the LAN may reach port 22 of `wiki` through tcp port 2222 of the appliance.",
    ],
  ],
  [
    "a forward's sources are removed",
    {
      apps: { wiki },
      forwards: {
        av: { port: "5000-5010", protocol: "udp", app: "wiki", from: ["192.168.1.0/24"] },
      },
    },
    { apps: { wiki }, forwards: { av: { port: "5000-5010", protocol: "udp", app: "wiki" } } },
    [
      "**Changes** forward av: Everyone on the LAN may reach `wiki` through udp ports 5000 to 5010 of the appliance. Until now: Only 192.168.1.0/24 may reach `wiki` through udp ports 5000 to 5010 of the appliance.",
    ],
  ],
  [
    "apps may reach a machine of the LAN",
    { apps: { wiki } },
    { apps: { wiki }, network: { allow: ["192.168.1.40/32"] } },
    [
      "**Opens** LAN addresses 192.168.1.40/32: Apps on the private network may reach 192.168.1.40/32.",
    ],
  ],
  [
    "the web console is switched off",
    { apps: { wiki } },
    { apps: { wiki }, appliance: { console: false } },
    [
      "**Closes** web console. Until now: Everyone on the LAN may reach the web console, on port 9090 of the appliance.",
    ],
  ],
  [
    "an address on the LAN",
    { apps: { wiki } },
    { apps: { wiki: { ...wiki, publicInterface: lan } } },
    [
      "**Opens** LAN address of app wiki: At 192.168.1.153, everyone may reach tcp 80, tcp 443, ping.",
    ],
  ],
  [
    "a guest's filter is opened",
    guest(),
    guest({ policyIn: "ACCEPT" }),
    [
      "**Changes** LAN address of guest door: At 192.168.1.153, everyone may reach all ports, except where a rule refuses. Until now: At 192.168.1.153, everyone may reach tcp 80, tcp 443, ping.",
    ],
  ],
  [
    "a rule of a guest's filter",
    guest({ open: [] }),
    guest({ open: [], rules: [{ protocol: "tcp", port: "22", source: "192.168.1.0/24" }] }),
    [
      "**Changes** LAN address of guest door: At 192.168.1.153, everyone may reach ping; a rule accepts tcp 22 from 192.168.1.0/24. Until now: At 192.168.1.153, everyone may reach ping.",
    ],
  ],
  [
    "falling back to the LAN",
    { apps: { wiki } },
    { apps: { wiki }, onApplianceFailure: "fallback" },
    [
      "**Opens** fallback: If the appliance cannot be built, new apps go to the LAN, without isolation.",
    ],
  ],
  ["more memory", { apps: { wiki } }, { apps: { wiki: { ...wiki, memory: 1024 } } }, []],
];

describe("what a change opens and closes", () => {
  for (const [name, before, after, expected] of changes)
    it(`is reported: ${name}`, () => {
      assert.deepEqual(exposureChanges(exposed(before), exposed(after)), expected);
    });

  it("is nothing where nothing is declared", () => {
    assert.deepEqual(exposed({}), {});
  });

  it("is everything that is open, for a new stack", () => {
    assert.deepEqual(
      exposureChanges({}, exposed({ apps: { wiki } })).map((line) => line.split(":")[0]),
      ["**Opens** app wiki", "**Opens** status page", "**Opens** web console"],
    );
  });
});
