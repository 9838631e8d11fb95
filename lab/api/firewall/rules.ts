import { BackendError } from "../../backend/backend";
import { unenforcedType } from "../../firewall/unenforced";
import { MATCH_FIELDS, parseRule, formatRule, type FirewallRule } from "../../pve/firewall/rule";
import type { Call, Json, Reply } from "../../server/context";
import { changeFirewall, readFirewall } from "../../server/firewall-file";
import { ParameterError } from "../../server/parameter-error";
import type { Params } from "../../server/params";
import { rulesOf, withRules } from "./groups";

const TYPES = ["in", "out", "forward", "group"] as const;

export function shownRule(rule: FirewallRule): Record<string, Json> {
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
export function ruleOf(params: Params, before?: FirewallRule): FirewallRule {
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

/** GET .../firewall/rules: `pos` is a number here. */
export async function GET(call: Call): Promise<Reply> {
  const { file, digest } = await readFirewall(call);
  return { data: rulesOf(call, file).map((rule, pos) => ({ ...shownRule(rule), pos, digest })) };
}

/** POST .../firewall/rules: at the top unless `pos` says where. */
export async function POST(call: Call): Promise<Reply> {
  const rule = ruleOf(call.params);
  const pos = call.params.integer("pos") ?? 0;
  await changeFirewall(call, (file) =>
    withRules(call, file, rulesOf(call, file).toSpliced(pos, 0, rule)),
  );
  return { data: null };
}
