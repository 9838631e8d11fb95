/** What must hold for the ports that lead from the WAN side to apps. */
import type { Problem } from "../problem";
import type { Forward, Topology } from "../topology";
import type { SiteRule } from "./rule";

type Range = Pick<Forward, "protocol" | "first" | "last">;

const targets: SiteRule = ({ apps, forwards }) =>
  forwards.flatMap(({ name, app }) => {
    const path = `forwards.${name}.app`;
    const target = apps.find((one) => one.name === app);
    if (target === undefined)
      return [{ path, message: `there is no app "${app}". Write the name of one under apps.` }];
    if (target.network === "direct")
      return [
        {
          path,
          message: `${app} is on the LAN (apps.${app}.network is direct), where the appliance leads nothing and its own address is reached without a forward. Remove the forward, or make the app platinum.`,
        },
      ];
    return target.address === undefined
      ? [
          {
            path,
            message: `${app} has no address of its own, so the port could lead to another app one day. Reserve one with apps.${app}.address.`,
          },
        ]
      : [];
  });

const ranges: SiteRule = ({ forwards }) =>
  forwards.flatMap((forward): readonly Problem[] => {
    const { name, first, last, appPort } = forward;
    const path = `forwards.${name}`;
    if (first < 1 || last > 65_535 || first > last)
      return [
        {
          path: `${path}.port`,
          message: `${text(forward)} is not a range of ports. Write the lower one first, from 1 to 65535.`,
        },
      ];
    return appPort !== undefined && first !== last
      ? [
          {
            path: `${path}.appPort`,
            message: `a range keeps its ports, so ${appPort} would not be used. Remove it, or forward one port.`,
          },
        ]
      : [];
  });

const apart: SiteRule = (site) =>
  site.forwards.flatMap((forward, index) => {
    const others = [
      ...own(site),
      ...site.forwards
        .slice(0, index)
        .map((other) => ({ ...other, holder: `forwards.${other.name}` })),
    ];
    const other = others.find((one) => overlap(one, forward));
    return other === undefined
      ? []
      : [
          {
            path: `forwards.${forward.name}.port`,
            message: `${forward.protocol} ${text(forward)} is taken by ${other.holder} (${text(other)}). Choose another port.`,
          },
        ];
  });

/** What the appliance listens on; a forward would take it away from its own service. */
function own({ appliance }: Topology): readonly (Range & { readonly holder: string })[] {
  const one = (protocol: Range["protocol"], port: number, holder: string) => [
    { protocol, first: port, last: port, holder },
  ];
  const proxy = "the appliance's proxy";
  return [
    ...[80, 8080].flatMap((port) => one("tcp", port, proxy)),
    ...one("tcp", 8081, "the appliance's status"),
    ...(appliance.https ? one("tcp", 443, proxy) : []),
    ...(appliance.console ? one("tcp", 9090, "the appliance's console") : []),
    ...(["tcp", "udp"] as const).flatMap((protocol) => one(protocol, 53, "the appliance's DNS")),
    ...[67, 68].flatMap((port) => one("udp", port, "the appliance's DHCP")),
  ];
}

function overlap(a: Range, b: Range): boolean {
  return a.protocol === b.protocol && a.first <= b.last && b.first <= a.last;
}

function text({ first, last }: Range): string {
  return first === last ? String(first) : `${first}-${last}`;
}

/** The rules of `forwards`. */
export const forwardRules: readonly SiteRule[] = [targets, ranges, apart];
