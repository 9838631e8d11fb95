import { BackendError } from "../../backend/backend";
import type { Call, Json, Reply } from "../../server/context";
import { unenforcedType } from "../../firewall/unenforced";
import { ParameterError } from "../../server/parameter-error";
import type { Params } from "../../server/params";
import { MATCH_FIELDS, parseRule, formatRule, type FirewallRule } from "../../pve/firewall/rule";
import { changeFirewall, readFirewall } from "./file";
import { rulesOf, withRules } from "./groups";

const TYPES = ["in", "out", "forward", "group"] as const;

function shown(rule: FirewallRule): Record<string, Json> {
  const { type, action, enable, macro, comment, match } = rule;
  return {
    type,
    action,
    enable: enable ? 1 : 0,
    ...(macro === undefined ? {} : { macro }),
    ...(comment === undefined ? {} : { comment }),
    ...Object.fromEntries(match),
  };
}

/** The value sent, else the old one unless `delete` names it; an empty one counts as unset. */
function pick(params: Params, name: string, old: string | undefined): string | undefined {
  const value = params.list("delete").includes(name) ? undefined : (params.text(name) ?? old);
  return value === "" ? undefined : value;
}

function typeOf(params: Params, before: FirewallRule | undefined): FirewallRule["type"] {
  const name = params.text("type") ?? before?.type;
  const type = TYPES.find((entry) => entry === name);
  if (type === undefined) {
    throw new ParameterError({ type: "property is missing and it is not optional" });
  }
  if (type === "forward" && params.text("vmid") !== undefined) {
    throw new ParameterError({ type: "forward rules are not allowed here" });
  }
  const reason = unenforcedType(type);
  if (reason !== undefined) throw new BackendError(reason, 501);
  return type;
}

function matchOf(params: Params, before: FirewallRule | undefined): Map<string, string> {
  const match = new Map<string, string>();
  for (const field of MATCH_FIELDS) {
    const value = pick(params, field, before?.match.get(field));
    if (value !== undefined) match.set(field, value);
  }
  const iface = match.get("iface");
  // A guest's rule names the guest's net key, never an interface.
  if (iface !== undefined && params.text("vmid") !== undefined && !/^net\d+$/.test(iface)) {
    throw new ParameterError({ iface: "value does not match the regex pattern" });
  }
  return match;
}

/** The rule that a call asks for; `before` gives what is not sent. Refuses what a node could not read back. */
function ruleOf(params: Params, before?: FirewallRule): FirewallRule {
  const macro = pick(params, "macro", before?.macro);
  const comment = pick(params, "comment", before?.comment);
  const rule: FirewallRule = {
    type: typeOf(params, before),
    action: pick(params, "action", before?.action) ?? params.required("action"),
    enable: params.text("enable") === undefined ? (before?.enable ?? false) : params.flag("enable"),
    match: matchOf(params, before),
    ...(macro === undefined ? {} : { macro }),
    ...(comment === undefined ? {} : { comment }),
  };
  const line = formatRule(rule);
  if (parseRule(line) === undefined) {
    throw new ParameterError({ action: `unable to write a rule that reads back: '${line}'` });
  }
  return rule;
}

function at(rules: readonly FirewallRule[], pos: number): FirewallRule {
  const rule = rules[pos];
  if (rule === undefined) throw new BackendError(`no rule at position ${pos}`, 400);
  return rule;
}

/** GET .../firewall/rules: `pos` is a number here. */
export async function listRules(call: Call): Promise<Reply> {
  const { file, digest } = await readFirewall(call);
  return { data: rulesOf(call, file).map((rule, pos) => ({ ...shown(rule), pos, digest })) };
}

/** GET .../firewall/rules/{pos}: `pos` is a text here (provider-calls.md 5). */
export async function getRule(call: Call): Promise<Reply> {
  const { file, digest } = await readFirewall(call);
  const pos = Number(call.params.required("pos"));
  return { data: { ...shown(at(rulesOf(call, file), pos)), pos: String(pos), digest } };
}

/** POST .../firewall/rules: at the top unless `pos` says where. */
export async function createRule(call: Call): Promise<Reply> {
  const rule = ruleOf(call.params);
  const pos = call.params.integer("pos") ?? 0;
  await changeFirewall(call, (file) =>
    withRules(call, file, rulesOf(call, file).toSpliced(pos, 0, rule)),
  );
  return { data: null };
}

/** PUT .../firewall/rules/{pos}: `moveto` moves and changes nothing else. */
export async function updateRule(call: Call): Promise<Reply> {
  const pos = Number(call.params.required("pos"));
  const target = call.params.integer("moveto");
  await changeFirewall(call, (file) => {
    const rules = rulesOf(call, file);
    const rule = at(rules, pos);
    if (target === undefined) {
      return withRules(call, file, rules.with(pos, ruleOf(call.params, rule)));
    }
    const rest = rules.toSpliced(pos, 1);
    // Proxmox counts the target before the rule is taken out.
    return withRules(call, file, rest.toSpliced(target > pos ? target - 1 : target, 0, rule));
  });
  return { data: null };
}

/** DELETE .../firewall/rules/{pos}. */
export async function deleteRule(call: Call): Promise<Reply> {
  const pos = Number(call.params.required("pos"));
  await changeFirewall(call, (file) => {
    const rules = rulesOf(call, file);
    at(rules, pos);
    return withRules(call, file, rules.toSpliced(pos, 1));
  });
  return { data: null };
}
