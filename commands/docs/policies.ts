/** docs/policies.md: every policy, from the pack's own words. */
import type { PackPolicy } from "../../policies/adapter";
import { policies } from "../../policies/list";

/** The whole page. */
export function renderPolicies(): string {
  return [
    "# Policies",
    "",
    "Made from `policies/` by `make docs`; change it there.",
    "",
    "They look at what Pulumi is about to place, not at the declaration, and refuse a plan before anything is called.",
    "The rules of the declaration itself (`model/rules/`) are asked before, by every preview and update, without the pack.",
    "",
    "```sh",
    "pulumi preview --policy-pack policies",
    "pulumi preview --policy-pack policies/launch",
    "pulumi preview --policy-pack policies/launch --policy-pack-config policies/config.json",
    "```",
    "",
    "The first form needs Pulumi's own language host, the second works with every one, the one built by `toolchain/` included.",
    "Keep that file inside the folder: beside it, under the folder's name, Node would take it for the pack.",
    "",
    "Each is mandatory: what it finds fails the preview. policies/config.json, which `make preview` takes when it is there, says",
    "otherwise for one by its name, or for `all`:",
    "",
    "```json",
    "{",
    '  "narrow-egress": "advisory",',
    '  "filtered": "disabled",',
    '  "free-vmid": { "enforcementLevel": "mandatory", "reserved": ["9000-9999"] }',
    "}",
    "```",
    "",
    "`advisory` tells and goes on, `disabled` does not look. The third form sets what a policy offers beside that; the table names it.",
    "",
    "| policy | severity | promise | when it is broken |",
    "| --- | --- | --- | --- |",
    ...policies.map(row),
    "",
    "A policy gets secrets in the clear. `no-secret-words` looks where no secret may be at all: command strings, environment,",
    "triggers. `no-secret-files` looks into the files of apps and guests, except those that the program passes as Pulumi secrets.",
    "It finds private keys, tokens of known forms, URLs with a password, and random-looking values of names such as `password`,",
    "`token` and `api_key`. Hashes, public keys, certificates and placeholders are accepted.",
    "",
    "`closed-firewall` and `filtered` judge the filter that is placed: the `.fw` file on the node for `veth`, the nftables file",
    "inside the guest for `macvlan` and `ipvlan`. An interface to the LAN by `network: direct` is your LAN's own affair.",
    "",
    "`unprivileged`, `nesting-only`, `host-key` and `nothing-shared` hold for every declaration, because the schema and the",
    "program see to it. They are there for other programs and for changes of this one.",
    "",
    "## Rules of a plan",
    "",
    "A policy sees what is to be, never what is taken away. So three more are asked by `make preview`, over the engine's own",
    "record of the plan, and configured in the same file:",
    "",
    "| rule | promise | configuration |",
    "| --- | --- | --- |",
    "| `protected` | The appliance, and every guest that is no app, is neither removed nor made anew. | `acknowledged`: names whose loss was agreed to. |",
    "| `removal-limit` | One update loses at most 3 apps. | `limit`: another number. |",
    "| `no-plain-secrets` | No secret stands in what the preview can show, files and stdin included. | none |",
    "",
  ].join("\n");
}

function row({ name, severity, description, remediationSteps, configSchema }: PackPolicy): string {
  const options = Object.entries(configSchema?.properties ?? {}).map(
    ([key, { description: meaning = "" }]) => ` Configuration \`${key}\`: ${meaning}`,
  );
  const remedy = `${remediationSteps ?? ""}${options.join("")}`;
  return `| \`${name}\` | ${severity ?? ""} | ${description} | ${remedy} |`;
}
