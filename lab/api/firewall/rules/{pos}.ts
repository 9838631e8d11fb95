import { BackendError } from "../../../backend/backend";
import type { FirewallRule } from "../../../pve/firewall/rule";
import type { Call, Reply } from "../../../server/context";
import { changeFirewall, readFirewall } from "../../../server/firewall-file";
import { rulesOf, withRules } from "../groups";
import { ruleOf, shownRule } from "../rules";

function at(rules: readonly FirewallRule[], pos: number): FirewallRule {
  const rule = rules[pos];
  if (rule === undefined) throw new BackendError(`no rule at position ${pos}`, 400);
  return rule;
}

/** GET .../firewall/rules/{pos}: `pos` is a text here (docs/proxmox/provider-calls.md 5). */
export async function GET(call: Call): Promise<Reply> {
  const { file, digest } = await readFirewall(call);
  const pos = Number(call.params.required("pos"));
  return { data: { ...shownRule(at(rulesOf(call, file), pos)), pos: String(pos), digest } };
}

/** PUT .../firewall/rules/{pos}: `moveto` moves and changes nothing else. */
export async function PUT(call: Call): Promise<Reply> {
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
export async function DELETE(call: Call): Promise<Reply> {
  const pos = Number(call.params.required("pos"));
  await changeFirewall(call, (file) => {
    const rules = rulesOf(call, file);
    at(rules, pos);
    return withRules(call, file, rules.toSpliced(pos, 1));
  });
  return { data: null };
}
