/** The only reader of the stack's configuration. */
import * as pulumi from "@pulumi/pulumi";

import { checkAccess } from "./model/access";
import { toLabel } from "./model/net";
import { describeProblems, type Problem } from "./model/problem";
import { parseNamed } from "./model/removal";
import { show, unknownKey } from "./model/schema/messages";
import { checkSecrets, usersOf } from "./model/secrets";
import { parseSite, type DeclaredSite } from "./model/site";
import { Refusal } from "./refusal";
import { readSource } from "./source-file";

/** A checked site, and the secrets that the program itself handles. */
export interface Config {
  readonly site: DeclaredSite;
  /** Key of root on the node, in OpenSSH form. */
  readonly privateKey: pulumi.Output<string>;
  /** Whether to look for what was changed by hand; off where no SSH leads to the node. */
  readonly watch: boolean;
  /** Whether the node is left alone; only a preview can do with the declaration alone. */
  readonly offline: boolean;
  /** The console user's password, and password hashes by user for apps with `proxy.auth`. */
  readonly secrets: {
    readonly consolePassword: pulumi.Output<string>;
    readonly users: pulumi.Output<Readonly<Record<string, string>>>;
  };
  /** The tag of everything that this stack makes. */
  readonly tag: string;
  /** Containers that a person gave up in this run, by name, with their VMIDs. */
  readonly named: Readonly<Record<string, number>>;
  /** Why the appliance cannot be built, where an earlier run met that; for this run alone. */
  readonly applianceFailure?: string;
}

/** What the program reads under its own name; docs/install.md describes each. */
const keys = ["site", "sshPrivateKey", "watch", "offline", "consolePassword", "basicAuth"];

/** Reads `Pulumi.<stack>.yaml`; throws one error that lists every problem. */
export function loadConfig(): Config {
  const own = new pulumi.Config();
  const provider = new pulumi.Config("proxmoxve");
  const stack = pulumi.getStack();
  const result = parseSite(valueIn(own.get("site")), stack, readSource);
  const written = {
    consolePassword: own.get("consolePassword"),
    basicAuth: valueIn(own.get("basicAuth")),
  };
  const problems: readonly Problem[] = [
    ...unknownKeys(own.name),
    ...["watch", "offline"].flatMap((key) => notBoolean(own, key)),
    ...missing(own.get("sshPrivateKey"), {
      path: "proximity-lan:sshPrivateKey",
      message: "is missing. Set it with `pulumi config set --secret sshPrivateKey < ~/.ssh/KEY`.",
    }),
    ...checkAccess({ endpoint: provider.get("endpoint"), apiToken: provider.get("apiToken") }),
    ...(result.ok ? [] : result.problems),
    ...checkSecrets(written, result.ok ? result.site : undefined),
  ];
  if (!result.ok || problems.length > 0)
    throw new Refusal(describeProblems("Invalid configuration", problems));
  const applianceFailure = process.env["PROXIMITY_APPLIANCE_FAILURE"] ?? "";
  return {
    site: result.site,
    privateKey: own.requireSecret("sshPrivateKey"),
    watch: own.getBoolean("watch") ?? true,
    offline: own.getBoolean("offline") ?? false,
    secrets: {
      consolePassword: pulumi.secret(written.consolePassword ?? ""),
      users: pulumi.secret(usersOf(written)),
    },
    tag: `proximity-lan-${toLabel(stack)}`,
    named: parseNamed(process.env["PROXIMITY_LAN_REMOVED"] ?? ""),
    ...(applianceFailure === "" ? {} : { applianceFailure }),
  };
}

/** What an output of the configuration holds, for what is asked before anything is declared. */
export function valueOf(output: pulumi.Output<string>): Promise<string> {
  return new Promise((resolve) => output.apply(resolve));
}

/** The configuration has mappings and lists as JSON, and any other value as it is. */
function valueIn(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "{}");
  } catch {
    return text;
  }
}

function unknownKeys(project: string): readonly Problem[] {
  const prefix = `${project}:`;
  return Object.keys(pulumi.runtime.allConfig())
    .filter((path) => path.startsWith(prefix) && !keys.includes(path.slice(prefix.length)))
    .map((path) => ({ path, message: unknownKey(path.slice(prefix.length), keys) }));
}

function notBoolean(config: pulumi.Config, key: string): readonly Problem[] {
  const value = config.get(key) ?? "true";
  return ["true", "false"].includes(value)
    ? []
    : [{ path: `${config.name}:${key}`, message: `${show(value)} is not true or false.` }];
}

function missing(value: string | undefined, problem: Problem): readonly Problem[] {
  return value === undefined || value === "" ? [problem] : [];
}
