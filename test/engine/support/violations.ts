/** For each policy what breaks it and the smallest mend. No case changes a file of the program. */

type Entry = Record<string, unknown>;

/** A declaration as a person edits it. */
interface Site extends Entry {
  apps: Record<string, Entry>;
  guests?: Record<string, Entry>;
}

interface Violation {
  readonly policy: string;
  /** What is wrong, for the name of the test. */
  readonly what: string;
  /** Type and name of the resource that is named. */
  readonly on: string;
  readonly says: RegExp;
}

/** An edit of the declaration, and one of the edited declaration. */
export interface Declared extends Violation {
  readonly kind: "resource" | "stack" | "fallback";
  readonly breaks: (site: Site) => void;
  readonly mends: (site: Site) => void;
}

/**
 * A resource of another program: the pack judges every program that it is used with, and this one
 * sets these inputs itself.
 */
export interface Placed extends Violation {
  readonly kind: "resource" | "stack";
  readonly type: "container" | "command";
  readonly name: string;
  readonly broken: Entry;
  readonly mended: Entry;
}

const container = "ContainerLegacy: ";
const command = "command:remote:Command: ";
const wholeStack = "pulumi:pulumi:Stack: ";

const nic = (type: string, host: number, rest: Entry = {}): Entry => ({
  publicInterface: { type, ip: `192.168.1.${host}/24`, ...rest },
});
const app = (site: Site, name: string): Entry => site.apps[name] ?? {};
const firewall = (type: string, vmid: number, { broken = {}, mended = {} }) => {
  const name = `open-${vmid}`;
  const set = (rules: Entry) => (site: Site) => {
    site.apps[name] = { vmid, ...nic(type, vmid, { firewall: rules }) };
  };
  return {
    kind: "resource" as const,
    policy: "closed-firewall",
    what: `${type} with ${JSON.stringify(broken)}`,
    on: `${command}${name}-${type === "veth" ? "firewall-file" : "setup"}`,
    breaks: set(broken),
    mends: set(mended),
  };
};

export const declared: readonly Declared[] = [
  {
    kind: "resource",
    policy: "one-gateway",
    what: "a router of the LAN beside DHCP on the private network",
    on: `${container}routed`,
    says: /net0 and net1 each bring a default gateway, and two compete\. Keep one\./,
    breaks: (site) => {
      site.apps["routed"] = { vmid: 110, ...nic("veth", 110, { gw: "192.168.1.1" }) };
    },
    mends: (site) => {
      site.apps["routed"] = { vmid: 110, ...nic("veth", 110) };
    },
  },
  {
    kind: "resource",
    policy: "free-vmid",
    what: "a VMID that the team reserved",
    on: `${container}web`,
    says: /vmId: 9001 lies in the reserved range 9000-9999\. Choose another VMID\./,
    breaks: (site) => (app(site, "web")["vmid"] = 9001),
    mends: (site) => (app(site, "web")["vmid"] = 8999),
  },
  {
    kind: "resource",
    policy: "no-secret-words",
    what: "a token as the instance of a service",
    on: `${command}web-setup`,
    says: /create: holds a token of a git forge, .* Send it on stdin, as a Pulumi secret\./,
    breaks: (site) => (app(site, "web")["services"] = [`tunnel@ghp_${"a1".repeat(18)}`]),
    mends: (site) => (app(site, "web")["services"] = ["tunnel@office"]),
  },
  {
    kind: "resource",
    policy: "no-secret-files",
    what: "a password in the content of a file",
    on: `${command}notes-setup`,
    says: /\/etc\/notes\.env: holds a value for DB_PASSWORD in the clear,/,
    breaks: (site) =>
      (app(site, "notes")["files"] = {
        "/etc/notes.env": { content: "DB_PASSWORD=s8Kq2vX9pL4mN7wZ\n" },
      }),
    mends: (site) =>
      (app(site, "notes")["files"] = {
        "/etc/notes.env": { content: "DB_PASSWORD_FILE=/run/notes/password\n" },
      }),
  },
  {
    kind: "resource",
    policy: "narrow-egress",
    what: "both halves of the internet in network.allow",
    on: `${command}prox-appliance-services`,
    says: /network\.allow: 0\.0\.0\.0\/1, 128\.0\.0\.0\/1 opens every private network/,
    breaks: (site) => (site["network"] = { allow: ["0.0.0.0/1", "128.0.0.0/1"] }),
    mends: (site) => (site["network"] = { allow: ["128.0.0.0/1"] }),
  },
  ...["veth", "macvlan", "ipvlan"].map((type, index) => ({
    ...firewall(type, 120 + index, {
      broken: { policyIn: "ACCEPT" },
      mended: { policyIn: "REJECT", logIn: "info" },
    }),
    says:
      type === "veth"
        ? /\/etc\/pve\/firewall\/120\.fw: policy_in is ACCEPT, so everything comes in/
        : /\/etc\/proximity\/public\.nft: its filter accepts every packet, so everything comes in/,
  })),
  ...["veth", "macvlan"].map((type, index) => ({
    ...firewall(type, 130 + index, {
      broken: { rules: [{ comment: "for now", log: "info" }] },
      mended: { rules: [{ comment: "for now", log: "info", source: "192.168.1.0/24" }] },
    }),
    says: /accepts every packet, so everything comes in/,
  })),
  {
    kind: "stack",
    policy: "filtered",
    what: "a file in the place of the guest's filter",
    on: `${wholeStack}proximity-lan-dev`,
    says: /bare\.net1: nothing filters its macvlan interface: \/etc\/proximity\/public\.nft has no/,
    breaks: (site) => {
      const files = { "/etc/proximity/public.nft": { content: "# none\n" } };
      site.apps["bare"] = { vmid: 140, files, ...nic("macvlan", 140) };
    },
    mends: (site) => {
      // Files of that kind elsewhere are the guest's own.
      const files = { "/srv/firewall/140.fw": { content: "policy_in: ACCEPT\n" } };
      site.apps["bare"] = { vmid: 140, files, ...nic("macvlan", 140) };
    },
  },
  {
    kind: "fallback",
    policy: "no-fallback",
    what: "fallback in production",
    on: `${wholeStack}proximity-lan-dev`,
    says: /onApplianceFailure: fallback puts the apps on the LAN .* Use fail\./,
    breaks: (site) => (site["onApplianceFailure"] = "fallback"),
    mends: (site) => (site["onApplianceFailure"] = "fail"),
  },
];

const plain = (vmId: number): Entry => ({
  nodeName: "pve1",
  initialization: { hostname: `ct${vmId}`, ipConfigs: [{ ipv4: { address: "dhcp" } }] },
  networkInterfaces: [{ name: "eth0", bridge: "vmbr0" }],
  vmId,
  unprivileged: true,
  operatingSystem: {
    templateFileId: "local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst",
    type: "debian",
  },
});
const connection = { host: "192.168.1.10", user: "root", privateKey: "KEY" };

export const placed: readonly Placed[] = [
  {
    kind: "resource",
    type: "container",
    name: "privileged",
    policy: "unprivileged",
    what: "a privileged container",
    on: `${container}privileged`,
    says: /the container is privileged, so its root is root on the node\. Set it to true\./,
    broken: { ...plain(301), unprivileged: false },
    mended: plain(301),
  },
  {
    kind: "resource",
    type: "container",
    name: "keyed",
    policy: "nesting-only",
    what: "a feature that no token may set",
    on: `${container}keyed`,
    says: /features\.keyctl: only root@pam may set this, .* Leave it out\./,
    broken: { ...plain(302), features: { nesting: true, keyctl: true } },
    mended: { ...plain(302), features: { nesting: true } },
  },
  {
    kind: "resource",
    type: "command",
    name: "keyless",
    policy: "host-key",
    what: "a command without the node's host key",
    on: `${command}keyless`,
    says: /hostKey: is missing, so any machine that answers gets root's scripts\. Give/,
    broken: { connection, create: "true" },
    mended: { connection: { ...connection, hostKey: "ssh-ed25519 AAAA" }, create: "true" },
  },
  ...(["first", "second"] as const).map((name, index) => ({
    kind: "stack" as const,
    type: "container" as const,
    name,
    policy: "nothing-shared",
    what: `a MAC address that two containers have, the ${name}`,
    on: `${wholeStack}another-program-dev`,
    says: /(first|second)\.macAddress: MAC 02:00:00:00:00:01 is also that of (first|second)\./,
    broken: {
      ...plain(303 + index),
      networkInterfaces: [{ name: "eth0", bridge: "vmbr0", macAddress: "02:00:00:00:00:01" }],
    },
    mended: {
      ...plain(303 + index),
      networkInterfaces: [
        { name: "eth0", bridge: "vmbr0", macAddress: `02:00:00:00:00:0${index + 1}` },
      ],
    },
  })),
];
