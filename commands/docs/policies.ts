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
    "They judge what Pulumi is about to create, not the declaration, and reject a plan before any resource is changed.",
    "The rules of the declaration itself (`model/rules/`) are checked first, by every preview and update, without the pack.",
    "",
    "```sh",
    "pulumi preview --policy-pack policies",
    "pulumi preview --policy-pack policies/launch",
    "pulumi preview --policy-pack policies/launch --policy-pack-config policies/config.json",
    "```",
    "",
    "The first form needs Pulumi's own language host. The second works with every host, including the one that `toolchain/` builds.",
    "Keep the configuration file inside the folder: next to it, under the folder's name, Node would load it as the pack.",
    "",
    "Each is mandatory: a violation fails the preview. policies/config.json, which `make preview` uses if it exists, changes",
    "that for one policy by its name, or for `all`:",
    "",
    "```json",
    "{",
    '  "narrow-egress": "advisory",',
    '  "filtered": "disabled",',
    '  "free-vmid": { "enforcementLevel": "mandatory", "reserved": ["9000-9999"] }',
    "}",
    "```",
    "",
    "`advisory` reports and continues, `disabled` skips the policy. The third form sets a policy's own options, which the table names.",
    "",
    "| policy | severity | promise | remedy |",
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
    "A policy sees the planned resources, but not what is removed. `make preview` therefore checks three more rules against the",
    "engine's record of the plan. They are configured in the same file:",
    "",
    "| rule | promise | configuration |",
    "| --- | --- | --- |",
    "| `protected` | The appliance and the guests that are not apps are neither removed nor recreated. | `acknowledged`: names whose loss is accepted. |",
    "| `removal-limit` | One update loses at most 3 apps. | `limit`: another number. |",
    "| `no-plain-secrets` | Nothing that the preview can show contains a secret, files and stdin included. | none |",
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
