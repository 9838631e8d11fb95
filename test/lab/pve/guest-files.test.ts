import assert from "node:assert/strict";

import {
  guestInterfaces,
  hostsFile,
  resolvConf,
  type GuestIdentity,
} from "../../../lab/pve/guest-files";
import { guestNets } from "../../../lab/pve/guest-net";

const nets = (...values: readonly string[]) =>
  guestNets(
    new Map(values.map((value, at) => [`net${at}`, `${value},hwaddr=02:00:00:00:00:0${at}`])),
  );

const guest = (extra: Partial<GuestIdentity> = {}): GuestIdentity => ({
  hostname: "app",
  nameservers: ["10.20.0.1"],
  searchdomain: "prox.local",
  nets: nets("name=eth0,bridge=vmbr0,ip=dhcp"),
  ...extra,
});

describe("files that Proxmox writes into a guest", () => {
  it("puts the name into hosts: 127.0.1.1 with DHCP, the address when it is static", () => {
    const dhcp = hostsFile("127.0.0.1 localhost\n", guest());
    assert.equal(
      dhcp,
      "127.0.0.1 localhost\n# --- BEGIN PVE ---\n127.0.1.1 app.prox.local app\n# --- END PVE ---\n",
    );
    const fixed = guest({ nets: nets("name=eth0,ip=10.20.0.5/24"), searchdomain: undefined });
    assert.match(hostsFile(dhcp, fixed), /BEGIN PVE ---\n10\.20\.0\.5 app\n# --- END/);
  });

  it("replaces its own section and keeps the lines around it", () => {
    const once = hostsFile("127.0.0.1 localhost\n", guest());
    const edited = `${once}10.0.0.1 mine\n`;
    assert.equal(hostsFile(edited, guest()), edited);
  });

  it("writes the resolver, whole the first time, its section afterwards", () => {
    const first = resolvConf("nameserver 9.9.9.9\n", guest());
    assert.equal(
      first,
      "# --- BEGIN PVE ---\nsearch prox.local\nnameserver 10.20.0.1\n# --- END PVE ---\n",
    );
    const later = resolvConf(`${first}options edns0\n`, guest({ nameservers: ["127.0.0.1"] }));
    assert.match(later, /nameserver 127\.0\.0\.1\n# --- END PVE ---\noptions edns0\n$/);
    assert.doesNotMatch(later, /10\.20\.0\.1/);
  });

  it("writes a stanza per NIC that has an address, and none for the others", () => {
    const text = guestInterfaces(
      "",
      nets(
        "name=eth0,ip=dhcp",
        "name=eth1,ip=10.0.0.2/24,gw=10.0.0.1,ip6=fd00::2/64",
        "name=eth2",
        "name=eth3,ip=manual",
      ),
    );
    assert.equal(
      text,
      `auto lo
iface lo inet loopback

auto eth0
iface eth0 inet dhcp

auto eth1
iface eth1 inet static
\taddress 10.0.0.2/24
\tgateway 10.0.0.1

iface eth1 inet6 static
\taddress fd00::2/64

auto eth3
iface eth3 inet manual
`,
    );
  });

  it("keeps foreign stanzas and a managed stanza's own attributes, and is stable", () => {
    const current = `auto eth0
iface eth0 inet static
\taddress 10.0.0.9/24
\tpost-up touch /run/up

auto eth9
iface eth9 inet static
\taddress 203.0.113.5/24
`;
    const text = guestInterfaces(current, nets("name=eth0,ip=dhcp"));
    assert.match(text, /iface eth0 inet dhcp\n\tpost-up touch \/run\/up\n/);
    assert.doesNotMatch(text, /10\.0\.0\.9/);
    assert.match(text, /auto eth9\niface eth9 inet static\n\taddress 203\.0\.113\.5\/24\n/);
    assert.equal(guestInterfaces(text, nets("name=eth0,ip=dhcp")), text);
  });
});
