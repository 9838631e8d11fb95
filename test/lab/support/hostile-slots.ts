/** Where a hostile value could get into a config file, and what each place may write. */
import fc from "fast-check";

const CONF = "/etc/pve/nodes/pve1/lxc/100.conf";
const RUNNING = "/etc/pve/nodes/pve1/lxc/101.conf";
const FW = "/etc/pve/firewall/100.fw";
const CLUSTER_FW = "/etc/pve/firewall/cluster.fw";
const HOST_FW = "/etc/pve/nodes/pve1/host.fw";
const STAGED = "/etc/network/interfaces.new";
const USERS = "/etc/pve/user.cfg";
/** Every file that a call may write. */
export const FILES = [CONF, RUNNING, FW, CLUSTER_FW, HOST_FW, STAGED, USERS];

/** Path of the guest that every call is about but for two. */
export const GUEST = "/nodes/pve1/lxc/100";
/** A rule without a match. */
export const RULE = { type: "in", action: "ACCEPT", enable: "1" };
const BRIDGE = { iface: "proxlan", type: "bridge" };

/** A call with one hostile value in it, and the lines that it may add to a file: all of them, and no others. */
export interface Slot {
  readonly call: string;
  readonly fields: (text: string) => Readonly<Record<string, string>>;
  readonly file: string;
  readonly mayAdd: RegExp;
}

const slot = (
  call: string,
  file: string,
  mayAdd: RegExp,
  fields: (text: string) => Readonly<Record<string, string>>,
): Slot => ({ call, fields, file, mayAdd });

/** One option of the guest: its own line, with nothing that a line cannot hold. */
const option = (key: string, sent = (text: string) => text): Slot =>
  slot(`PUT ${GUEST}/config`, CONF, new RegExp(`^${key}: [^\\r\\n\\0]+$`), (text) => ({
    [key]: sent(text),
  }));

const options: readonly Slot[] = [
  slot(`PUT ${GUEST}/config`, CONF, /^#[ -~]*$/, (text) => ({ description: text })),
  // A list of separators alone is stored as an empty one.
  slot(`PUT ${GUEST}/config`, CONF, /^tags: [^\r\n\0]*$/, (text) => ({ tags: text })),
  ...["hostname", "nameserver", "searchdomain", "startup", "memory", "onboot"].map((key) =>
    option(key),
  ),
  ...["features", "mp0", "net0", "hookscript", "timezone", "cmode", "lock", "dev0"].map((key) =>
    option(key),
  ),
  option("net1", (text) => `name=eth1,bridge=vmbr0,ip=${text}`),
  option("net1", (text) => `name=${text},bridge=vmbr0`),
  option("features", (text) => `nesting=1,mount=${text}`),
  slot(
    "PUT /nodes/pve1/lxc/101/config",
    RUNNING,
    /^\[pve:pending\]$|^net1: [^\r\n\0]+$/,
    (text) => ({
      net1: `name=eth1,bridge=vmbr0,ip=${text}`,
    }),
  ),
  slot(
    "PUT /nodes/pve1/lxc/101/config",
    RUNNING,
    /^\[pve:pending\]$|^delete: [a-z0-9,]+$/,
    (text) => ({
      delete: text,
    }),
  ),
  slot(`PUT ${GUEST}/config`, CONF, /^$/, (text) => ({ [text]: "1" })),
];

const rule = (field: string, flag: string): Slot =>
  slot(`POST ${GUEST}/firewall/rules`, FW, new RegExp(`^IN ACCEPT( ${flag} \\S+)?$`), (text) => ({
    ...RULE,
    [field]: text,
  }));

const firewall: readonly Slot[] = [
  rule("source", "-source"),
  rule("dest", "-dest"),
  rule("dport", "-dport"),
  rule("sport", "-sport"),
  rule("proto", "-p"),
  rule("iface", "-i"),
  rule("log", "-log"),
  slot(`POST ${GUEST}/firewall/rules`, FW, /^IN ACCEPT( # [^\r\n]+)?$/, (text) => ({
    ...RULE,
    comment: text,
  })),
  slot(`POST ${GUEST}/firewall/rules`, FW, /^IN ([A-Za-z][\w-]*\(ACCEPT\)|ACCEPT)$/, (text) => ({
    ...RULE,
    macro: text,
  })),
  slot(`POST ${GUEST}/firewall/rules`, FW, /^IN (ACCEPT|DROP|REJECT)$/, (text) => ({
    ...RULE,
    action: text,
  })),
  slot(`PUT ${GUEST}/firewall/rules/0`, FW, /^IN DROP -p tcp -dport 1( # [^\r\n]+)?$/, (text) => ({
    comment: text,
  })),
  slot(`PUT ${GUEST}/firewall/options`, FW, /^policy_in: [A-Z]+$/, (text) => ({ policy_in: text })),
  slot(`PUT ${GUEST}/firewall/options`, FW, /^log_level_in: [a-z]+$/, (text) => ({
    log_level_in: text,
  })),
  slot(`PUT ${GUEST}/firewall/options`, FW, /^$/, (text) => ({ [text]: "1" })),
  slot("PUT /nodes/pve1/firewall/options", HOST_FW, /^log_level_in: [a-z]+$/, (text) => ({
    log_level_in: text,
  })),
  slot(`POST ${GUEST}/firewall/aliases`, FW, /^\w[\w-]* 10\.0\.0\.1$/, (text) => ({
    name: text,
    cidr: "10.0.0.1",
  })),
  slot(`POST ${GUEST}/firewall/aliases`, FW, /^a1 [0-9a-fA-F.:/]+$/, (text) => ({
    name: "a1",
    cidr: text,
  })),
  slot(`POST ${GUEST}/firewall/aliases`, FW, /^a1 10\.0\.0\.1( # [^\r\n]+)?$/, (text) => ({
    name: "a1",
    cidr: "10.0.0.1",
    comment: text,
  })),
  slot(`PUT ${GUEST}/firewall/aliases/old`, FW, /^\w[\w-]* 10\.0\.0\.9$/, (text) => ({
    cidr: "10.0.0.9",
    rename: text,
  })),
  slot(`POST ${GUEST}/firewall/ipset`, FW, /^\[IPSET \w[\w-]*\]$/, (text) => ({ name: text })),
  slot(`POST ${GUEST}/firewall/ipset`, FW, /^\[IPSET s1\]( # [^\r\n]+)?$/, (text) => ({
    name: "s1",
    comment: text,
  })),
  slot(`POST ${GUEST}/firewall/ipset/olds`, FW, /^\S+$/, (text) => ({ cidr: text })),
  slot(`POST ${GUEST}/firewall/ipset/olds`, FW, /^10\.0\.0\.1( # [^\r\n]+)?$/, (text) => ({
    cidr: "10.0.0.1",
    comment: text,
  })),
  slot("POST /cluster/firewall/groups", CLUSTER_FW, /^\[group \w[\w-]*\]$/, (text) => ({
    group: text,
  })),
  slot("POST /cluster/firewall/groups", CLUSTER_FW, /^\[group g1\]( # [^\r\n]+)?$/, (text) => ({
    group: "g1",
    comment: text,
  })),
];

const own = String.raw`auto proxlan|iface proxlan inet6? (manual|static)|\tbridge-(ports none|stp off|fd 0)`;
const bridge = (more: string, fields: (text: string) => Readonly<Record<string, string>>): Slot =>
  slot("POST /nodes/pve1/network", STAGED, new RegExp(`^(?:${own}|${more})$`), (text) => ({
    ...BRIDGE,
    ...fields(text),
  }));

const others: readonly Slot[] = [
  bridge(String.raw`#[^\r\n]*`, (text) => ({ comments: text })),
  bridge(String.raw`\taddress fd00::1/64|#[^\r\n]*`, (text) => ({
    comments6: text,
    cidr6: "fd00::1/64",
  })),
  bridge(String.raw`\taddress [0-9./]+`, (text) => ({ cidr: text })),
  bridge(String.raw`\taddress 10\.0\.0\.1/8|\tgateway [0-9.]+`, (text) => ({
    cidr: "10.0.0.1/8",
    gateway: text,
  })),
  bridge(String.raw`\tbridge-ports [\w.: -]+`, (text) => ({ bridge_ports: text })),
  bridge(String.raw`\tmtu \d+`, (text) => ({ mtu: text })),
  bridge(String.raw`\tbridge-vlan-aware yes|\tbridge-vids [\d -]+`, (text) => ({
    bridge_vlan_aware: "1",
    bridge_vids: text,
  })),
  slot(
    "POST /nodes/pve1/network",
    STAGED,
    /^auto [\w.:]+$|^iface [\w.:]+ inet manual$|^\tbridge-/,
    (text) => ({
      ...BRIDGE,
      iface: text,
    }),
  ),
  slot("POST /pools", USERS, /^pool:apps:[^:\r\n]*:::$/, (text) => ({
    poolid: "apps",
    comment: text,
  })),
  slot("POST /pools", USERS, /^pool:[\w./-]+::::$/, (text) => ({ poolid: text })),
  slot("PUT /pools", USERS, /^pool:oldp:[^:\r\n]*:::$/, (text) => ({
    poolid: "oldp",
    comment: text,
  })),
];

/** Every place of the API that puts a text into a config file. */
export const SLOTS: readonly Slot[] = [...options, ...firewall, ...others];

/** Texts that would be more than a value if a file took them as they are. */
export const hostileText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...[
          ",",
          "=",
          "\n",
          "\r",
          "\r\n",
          "\0",
          "[",
          "]",
          "#",
          ":",
          ";",
          " ",
          "\t",
          "%",
          "%0A",
          "eth0\nauto eth9",
          "|",
        ],
        ...[
          "\n[evil]\n",
          "\nlxc.cap.drop: \n",
          "\npool:evil::100::\n",
          "\n\tpost-up id\nauto eth9\n",
        ],
        ...[
          "\nIN ACCEPT\n",
          " -p tcp",
          "[RULES]",
          "lxc.cap.drop:",
          "a1",
          "10.0.0.1",
          "vmbr0",
          "eth0",
        ],
        ...["ACCEPT", "DROP", "tcp", "net0", "1", "x".repeat(70_000), "Ü", "\u2028", "__proto__"],
      ),
      fc.string({ unit: "binary", maxLength: 6 }),
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((parts) => parts.join(""));

/** Those that every run tries: each of them got through somewhere once. */
export const HOSTILE_EXAMPLES: readonly string[] = [
  ...[
    "eth0\nauto eth9",
    "eth0\0eth1",
    "\0",
    ",",
    "",
    " ",
    "[RULES]",
    "a1\n[evil]\n",
    "a1\nlxc.cap.drop: x",
  ],
  ...[
    "10.0.0.1 -p tcp",
    "10.0.0.1\nIN ACCEPT",
    "x\npool:evil::100::",
    "\n\tpost-up id",
    "x".repeat(200_000),
  ],
];
