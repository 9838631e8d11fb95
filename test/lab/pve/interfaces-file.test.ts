import assert from "node:assert/strict";

import fc from "fast-check";

import {
  formatInterfaces,
  parseInterfaces,
  type InterfacesFile,
} from "../../../lab/pve/interfaces-file";

const SAMPLE = `# kept header

auto lo
iface lo inet loopback

iface eno1 inet manual

auto vmbr0
iface vmbr0 inet static
\taddress 192.168.1.10/24
\tpost-up echo 1 > /proc/x
#management

iface vmbr0 inet6 static
\taddress fd00::1/64

source /etc/network/interfaces.d/*
`;

const word = fc.stringMatching(/^[a-z][a-z0-9/:.-]{0,8}$/);
const stanza = fc.record(
  {
    iface: fc.constantFrom("lo", "vmbr0", "eno1", "prox"),
    family: fc.constantFrom("inet" as const, "inet6" as const),
    method: fc.constantFrom("manual", "static", "dhcp"),
    options: fc.array(fc.tuple(fc.constantFrom("address", "bridge-ports", "post-up"), word), {
      maxLength: 3,
    }),
    comments: fc.array(word, { maxLength: 2 }),
  },
  { noNullPrototype: true },
);
/** Stanzas of one interface stand together in a file. */
const stanzas = fc
  .array(stanza, { maxLength: 5 })
  .map((all) =>
    [...new Set(all.map(({ iface }) => iface))].flatMap((name) =>
      all.filter(({ iface }) => iface === name),
    ),
  );

describe("interfaces file", () => {
  it("reads stanzas, options, comments and foreign lines", () => {
    const file = parseInterfaces(SAMPLE);
    assert.deepEqual(file.auto, ["lo", "vmbr0"]);
    assert.deepEqual(file.other, ["source /etc/network/interfaces.d/*"]);
    assert.deepEqual(file.header, ["# kept header"]);
    const [, , vmbr0, vmbr06] = file.stanzas;
    assert.deepEqual(vmbr0?.options, [
      ["address", "192.168.1.10/24"],
      ["post-up", "echo 1 > /proc/x"],
    ]);
    assert.deepEqual(vmbr0.comments, ["management"]);
    assert.equal(vmbr06?.family, "inet6");
  });

  it("keeps a file as it is", () => {
    assert.equal(formatInterfaces(parseInterfaces(SAMPLE)), SAMPLE);
  });

  it("joins continued lines", () => {
    const { stanzas: read } = parseInterfaces("iface a inet manual\n\tpost-up one \\\n two\n");
    assert.deepEqual(read[0]?.options, [["post-up", "one two"]]);
  });

  it("reads back what it writes", () => {
    fc.assert(
      fc.property(stanzas, (all) => {
        const names = [...new Set(all.map(({ iface }) => iface))];
        const file: InterfacesFile = { header: [], auto: names, stanzas: all, other: [] };
        assert.deepEqual(parseInterfaces(formatInterfaces(file)), file);
      }),
    );
  });
});
