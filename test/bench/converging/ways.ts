/** How the site is built: by this program, and by what people would use instead. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";
import { z } from "zod";

import type { Checkout } from "../../e2e/support/checkout";

/** On the node: the finished files and MACs, and the shell script. */
export const FOLDER = "/root/peers";
export const ON_NODE = ["lab/lab", "exec", "pve1"] as const;

/** A way to build the site, and to take it away: commands, run in the checkout. */
export interface Way {
  readonly name: string;
  readonly words: readonly string[];
  /** Below the checkout; where the command is run. */
  readonly folder?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly reset: readonly (readonly string[])[];
}

/** What there is to measure, in which versions, and what is left out and why. */
export interface Ways {
  readonly ways: readonly Way[];
  readonly versions: readonly string[];
  readonly leftOut: readonly string[];
}

const RESET = [...ON_NODE, "bash", `${FOLDER}/reset.sh`];

/** Where the engine writes what it did when. */
export const EVENTS = "events.json";

export const OWN: Way = {
  name: "this program",
  // The flag for events is one of those that the engine hides.
  words: [
    ...["env", "PULUMI_DEBUG_COMMANDS=true", "toolchain/pulumi", "up"],
    ...["--yes", "--skip-preview", "--stack", "dev", "--event-log", EVENTS],
  ],
  reset: [
    ["toolchain/pulumi", "destroy", "--yes", "--skip-preview", "--stack", "dev"],
    ["rm", "-f", EVENTS],
  ],
};

export const SHELL: Way = {
  name: "a shell script on the node",
  words: [...ON_NODE, "bash", `${FOLDER}/shell/up.sh`],
  reset: [RESET],
};

export const TERRAFORM = "Terraform";
export const ANSIBLE = "Ansible";

/** Every way; the files and MACs for the others must lie on the node already. */
export function waysOf(checkout: Checkout): Ways {
  const found = [
    ask(checkout, TERRAFORM, "terraform", terraform),
    ask(checkout, ANSIBLE, "ansible", ansible),
  ];
  return {
    ways: [OWN, SHELL, ...found.flatMap((peer) => ("way" in peer ? [peer.way] : []))],
    versions: found.flatMap((peer) => ("way" in peer ? [peer.version] : [])),
    leftOut: found.flatMap((peer) => ("missing" in peer ? [peer.missing] : [])),
  };
}

type Peer = { readonly way: Way; readonly version: string } | { readonly missing: string };

/** Its get.sh prints where it is and what it is, or says what is missing. */
function ask(
  checkout: Checkout,
  name: string,
  folder: string,
  wayIn: (checkout: Checkout, installed: string, folder: string) => Way,
): Peer {
  const path = `test/bench/peers/${folder}`;
  const { code, stdout, stderr } = checkout.run(`${path}/get.sh`, []);
  const [installed = "", version = ""] = stdout.split("\n");
  return code === 0
    ? { way: wayIn(checkout, installed, path), version }
    : { missing: `${name} is left out: ${stderr.trim().slice(-500)}` };
}

function terraform(checkout: Checkout, installed: string, folder: string): Way {
  const { endpoint, token, ssh, key } = accessOf(checkout);
  const env = {
    TF_CLI_CONFIG_FILE: join(installed, "terraform.rc"),
    CHECKPOINT_DISABLE: "true",
    TF_VAR_endpoint: endpoint,
    TF_VAR_api_token: token,
    TF_VAR_node: JSON.stringify({
      host: ssh.host,
      port: ssh.port,
      private_key: key,
      host_key: ssh.hostKey,
    }),
    TF_VAR_files: `${FOLDER}/files`,
    TF_VAR_macs: JSON.stringify(macsOf(checkout)),
  };
  // Links the modules; there is nothing to fetch.
  checkout.must("terraform", [`-chdir=${folder}`, "get"]);
  const state = ["terraform.tfstate", "terraform.tfstate.backup"];
  return {
    name: TERRAFORM,
    words: ["terraform", "apply", "-auto-approve", "-input=false", "-no-color"],
    folder,
    env,
    reset: [RESET, ["rm", "-f", ...state.map((file) => `${folder}/${file}`)]],
  };
}

function ansible(checkout: Checkout, installed: string, folder: string): Way {
  const { endpoint, token, ssh, key } = accessOf(checkout);
  const [user = "", id = "", secret = ""] = token.split(/[!=]/);
  const keyFile = join(checkout.folder, "ansible.key");
  const knownHosts = join(checkout.folder, "ansible.known_hosts");
  writeFileSync(keyFile, key, { mode: 0o600 });
  writeFileSync(knownHosts, `[${ssh.host}]:${ssh.port} ${ssh.hostKey}\n`);
  const { hostname, port } = new URL(endpoint);
  return {
    name: ANSIBLE,
    words: [join(installed, "bin", "ansible-playbook"), "site.yml"],
    folder,
    env: {
      ...{ API_HOST: hostname, API_PORT: port },
      ...{ API_USER: user, API_TOKEN_ID: id, API_TOKEN_SECRET: secret },
      ...{ NODE_HOST: ssh.host, NODE_PORT: String(ssh.port) },
      ...{ NODE_KEY: keyFile, NODE_KNOWN_HOSTS: knownHosts },
      ...{ NODE_FILES: `${FOLDER}/files`, MACS: JSON.stringify(macsOf(checkout)) },
    },
    reset: [RESET],
  };
}

const Stack = z.object({
  config: z.object({
    "proxmoxve:endpoint": z.string(),
    "proxmoxve:apiToken": z.string(),
    "proximity-lan:sshPrivateKey": z.string(),
    "proximity-lan:site": z.object({
      node: z.object({
        ssh: z.object({ host: z.string(), port: z.number(), hostKey: z.string() }),
      }),
    }),
  }),
});

/** How this program reaches the node; the others do the same. */
function accessOf(checkout: Checkout) {
  const { config } = Stack.parse(parse(checkout.read("Pulumi.dev.yaml")));
  return {
    endpoint: config["proxmoxve:endpoint"],
    token: config["proxmoxve:apiToken"],
    key: config["proximity-lan:sshPrivateKey"],
    ssh: config["proximity-lan:site"].node.ssh,
  };
}

/** By VMID, in the order of the interfaces. */
function macsOf(checkout: Checkout): Record<string, string[]> {
  const [command, ...words] = ON_NODE;
  const lines = checkout.must(command, [...words, "sh", "-c", `cd ${FOLDER}/macs && grep '' *`]);
  const macs: Record<string, string[]> = {};
  for (const line of lines.trim().split("\n")) {
    const [vmid = "", ...mac] = line.split(":");
    (macs[vmid] ??= []).push(mac.join(":"));
  }
  return macs;
}
