/** What the appliance does beyond its daemons, part by part: each is put into the plain container alone. */

/** A part of the appliance's Caddyfile, as a site of the plain container's. */
export interface ProxyPart {
  readonly name: string;
  /** What would take its cost away. */
  readonly remedy: string;
  readonly port: number;
  readonly below: string;
}

const UPSTREAM = "files.prox.local";
const PATH = "/files";

/** In the plain container there is nothing but this. */
const bare = (app: string) => `:80 {\n\treverse_proxy ${app}:80\n}\n`;

/** The parts, each next to a bare proxy. */
export const proxyParts: readonly ProxyPart[] = [
  {
    name: "the app found by its name at each new connection",
    remedy: "fixed addresses for all apps, which would end with DHCP",
    port: 8101,
    below: "",
  },
  {
    name: "headers that tell the app where a request came from",
    remedy: "fewer headers, and apps that know less",
    port: 8102,
    below: "",
  },
  {
    name: "the app's path, taken off each request",
    remedy: "to use the app's name in place of its path",
    port: 8103,
    below: PATH,
  },
];

/** The Caddyfile of the plain container: bare, and with one part at a time. */
export function caddyfile(app: string): string {
  const forwarded = `header_up X-Real-IP {remote_host}\n\t\theader_up -Forwarded\n\t\theader_up X-Forwarded-Prefix ${PATH}`;
  return [
    "{\n\tauto_https off\n}\n",
    bare(app),
    `:8101 {\n\treverse_proxy ${UPSTREAM}:80 {\n\t\ttransport http {\n\t\t\tresolvers 127.0.0.1:53\n\t\t}\n\t}\n}\n`,
    `:8102 {\n\treverse_proxy ${app}:80 {\n\t\t${forwarded}\n\t}\n}\n`,
    `:8103 {\n\thandle_path ${PATH}/* {\n\t\treverse_proxy ${app}:80\n\t}\n}\n`,
  ].join("\n");
}

/** The name that the app has in the plain container's resolver. */
export const upstreamHost = (app: string): string => `${app} ${UPSTREAM}\n`;

/** Packet filters that may be loaded in the plain container, and how each is named in a report. */
export const FILTERS = {
  masquerade: "masquerading alone",
  whole: "the appliance's whole packet filter, masquerading included",
} as const;

/** The least that lets apps out where nobody has a route back to them. */
export const MASQUERADE = `table ip bench {
  chain postrouting {
    type nat hook postrouting priority srcnat
    oifname "eth0" masquerade
  }
}
`;
