/** The reverse proxy of the appliance: every app under its path and under its own name (Caddyfile). */
import type { App } from "../model/topology";
import { header, toText } from "./header";

/** What the Caddyfile depends on. */
export interface CaddyfileInput {
  /** The appliance's own host name. */
  readonly hostname: string;
  /** The private network, whose guests do not see the status. */
  readonly network: string;
  readonly apps: readonly Pick<App, "name" | "port">[];
  /** Domain of the private network, without a leading dot. */
  readonly domain: string;
  readonly ports: readonly number[];
}

/**
 * The complete Caddyfile. `http://<appliance>/` shows the status, `http://<appliance>/<app>/` has the prefix stripped and named in
 * X-Forwarded-Prefix; `http://<app>.<domain>/` passes paths as they are; anything else is a 404.
 * The admin API stays on loopback, because a reload without loss goes through it.
 */
export function renderCaddyfile(input: CaddyfileInput): string {
  const { apps, domain, ports, hostname } = input;
  const sites = (host: string) => ports.map((port) => `http://${host}:${port}`).join(", ");
  return toText([
    header("#"),
    "{",
    "\tadmin localhost:2019",
    "\tauto_https off",
    "\tgrace_period 10s",
    "}",
    "",
    ...apps.flatMap((app) => [
      ...block(sites(`${app.name}.${domain}`), proxy(app, domain, [])),
      "",
    ]),
    ...block(sites(`*.${domain}`), notFound("name")),
    "",
    ...block(`${sites("")}, ${sites(`${hostname}.${domain}`)}`, [
      ...status(input),
      ...apps.flatMap((app) => pathRoute(app, domain)),
      ...block("handle", notFound("path")),
    ]),
  ]);
}

/** The document, and the page that shows it (appliance/usr/share/proximity/status). */
export const statusPath = "/api/v1/system/infrastructure/status";

/**
 * Only by address or the appliance's own name: a page elsewhere whose name was made to point here
 * (DNS rebinding) gets nothing. Only from outside: an app is not told who its neighbours are.
 */
function status({ hostname, domain, network }: CaddyfileInput): readonly string[] {
  const names = [hostname, `${hostname}.${domain}`, "localhost"].map((name) =>
    name.replaceAll(".", "\\."),
  );
  return [
    ...block("@status", [
      `path / /status.css /status.js ${statusPath}`,
      `header_regexp Host ^([0-9]+(\\.[0-9]+){3}|\\[[0-9a-f:.]+]|${names.join("|")})(:[0-9]+)?$`,
      `not remote_ip ${network} fe80::/10`,
    ]),
    ...block("handle @status", [
      ...protect,
      ...block(`handle ${statusPath}`, [
        "root * /run/proximity",
        "rewrite * /status.json",
        "file_server",
      ]),
      ...block("handle", ["root * /usr/share/proximity/status", "file_server"]),
    ]),
  ];
}

/** The page loads nothing from elsewhere, is framed by nobody, and is never an old one. */
const protect: readonly string[] = block("header", [
  "Cache-Control no-store",
  `Content-Security-Policy "default-src 'none'; connect-src 'self'; img-src 'self' data:; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"`,
  "Cross-Origin-Resource-Policy same-origin",
  "Referrer-Policy no-referrer",
  "X-Content-Type-Options nosniff",
  "X-Frame-Options DENY",
  "-Server",
]);

function pathRoute(app: Pick<App, "name" | "port">, domain: string): readonly string[] {
  return [
    // Without the slash a page's relative links would point beside the app.
    `redir /${app.name} /${app.name}/ 308`,
    ...block(
      `handle_path /${app.name}/*`,
      proxy(app, domain, [`header_up X-Forwarded-Prefix /${app.name}`]),
    ),
  ];
}

function proxy(
  { name, port }: Pick<App, "name" | "port">,
  domain: string,
  options: readonly string[],
): readonly string[] {
  const upstream = `reverse_proxy ${name}.${domain}:${port}`;
  return options.length === 0 ? [upstream] : block(upstream, options);
}

function notFound(what: "name" | "path"): readonly string[] {
  return [`respond "No app has this ${what}." 404`];
}

function block(head: string, lines: readonly string[]): readonly string[] {
  return [`${head} {`, ...lines.map((line) => `\t${line}`), "}"];
}
