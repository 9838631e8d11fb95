/** What a site opens to the LAN, and what it lets apps reach there: a sentence for each thing. */
import type { Plan, Placement } from "./placement";
import type { FirewallRule, PublicInterface } from "./public-interface";
import { publicHosts } from "./public-interface";
import type { Site } from "./site";
import type { App, Forward } from "./topology";

/** Sentences by subject, such as `app wiki` or `forward git-ssh`, sorted by subject. */
export type Exposure = Readonly<Record<string, string>>;

/** What is open once the plan is carried out. Nothing that is closed has an entry. */
export function exposureOf(site: Site, plan: Plan): Exposure {
  const entries = [
    ...plan.apps.map(appEntry),
    ...(plan.hasGateway ? gatewayEntries(site) : []),
    ...publicHosts(site).map(({ host, nic, path }) => {
      const kind = path.startsWith("apps.") ? "app" : "guest";
      return [`LAN address of ${kind} ${host.name}`, publicSentence(nic)] as const;
    }),
    ...(site.onApplianceFailure === "fallback"
      ? [
          [
            "fallback",
            "If the appliance cannot be built, new apps go to the LAN, without isolation.",
          ] as const,
        ]
      : []),
  ];
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function gatewayEntries({ appliance, forwards, network }: Site) {
  return [
    ...(appliance.console
      ? [
          [
            "web console",
            "Everyone on the LAN may reach the web console, on port 9090 of the appliance.",
          ] as const,
        ]
      : []),
    ["status page", "Everyone on the LAN can read the status page."] as const,
    ...forwards.map((forward) => [`forward ${forward.name}`, forwardSentence(forward)] as const),
    ...network.allow.map(
      (range) =>
        [`LAN addresses ${range}`, `Apps on the private network may reach ${range}.`] as const,
    ),
  ];
}

function appEntry({ app, place }: Placement): readonly [string, string] {
  return [
    `app ${app.name}`,
    place === "platinum"
      ? proxySentence(app)
      : "It is on the LAN, without isolation and proxy: everyone there may reach all its ports.",
  ];
}

function proxySentence({ proxy: { allowFrom, auth } }: App): string {
  const login =
    auth.length === 0 ? "without a password" : `with the password of ${auth.join(" or ")}`;
  return `${clients(allowFrom)} it through the proxy, ${login}.`;
}

function forwardSentence({ protocol, first, last, app, appPort, from }: Forward): string {
  const ports = first === last ? `port ${first}` : `ports ${first} to ${last}`;
  const target = appPort === undefined ? `\`${app}\`` : `port ${appPort} of \`${app}\``;
  return `${clients(from)} ${target} through ${protocol} ${ports} of the appliance.`;
}

function clients(networks: readonly string[]): string {
  return networks.length === 0
    ? "Everyone on the LAN may reach"
    : `Only ${networks.join(" and ")} may reach`;
}

function publicSentence({ ip, firewall }: PublicInterface): string {
  const { policyIn, open, ping, rules } = firewall;
  const at = `At ${ip.address}, `;
  if (policyIn === "ACCEPT")
    return `${at}everyone may reach all ports, except where a rule refuses.`;
  const everyone = [...open.map((port) => `tcp ${port}`), ...(ping ? ["ping"] : [])];
  const accepted = rules.filter(
    ({ direction, action, enabled }) => enabled && direction === "in" && action === "ACCEPT",
  );
  const parts = [
    ...(everyone.length === 0 ? [] : [`everyone may reach ${everyone.join(", ")}`]),
    ...accepted.map(ruleWords),
  ];
  return parts.length === 0 ? `${at}nothing is open.` : `${at}${parts.join("; ")}.`;
}

function ruleWords({ macro, protocol, port, source }: FirewallRule): string {
  const what = macro ?? [protocol, port].filter((part) => part !== undefined).join(" ");
  return `a rule accepts ${what === "" ? "everything" : what} from ${source ?? "everyone"}`;
}

/** A change of the exposure, one line for each subject that is new, gone or different. */
export function exposureChanges(before: Exposure, after: Exposure): readonly string[] {
  const subjects = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return subjects.flatMap((subject) => {
    const [old, now] = [before[subject], after[subject]];
    if (old === now) return [];
    if (old === undefined) return [`**Opens** ${subject}: ${now ?? ""}`];
    if (now === undefined) return [`**Closes** ${subject}. Until now: ${old}`];
    return [`**Changes** ${subject}: ${now} Until now: ${old}`];
  });
}
