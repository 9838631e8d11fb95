/** The reverse proxy of the appliance: every app under its path and under its own name (Caddyfile). */
import type { App } from "../model/topology";
import { header, toText } from "./header";

/** What the Caddyfile depends on. */
export interface CaddyfileInput {
  readonly apps: readonly Pick<App, "name" | "port">[];
  /** Domain of the private network, without a leading dot. */
  readonly domain: string;
  readonly ports: readonly number[];
}

/**
 * The complete Caddyfile. `http://<appliance>/<app>/` has the prefix stripped and named in
 * X-Forwarded-Prefix; `http://<app>.<domain>/` passes paths as they are; anything else is a 404.
 * The admin API stays on loopback, because a reload without loss goes through it.
 */
export function renderCaddyfile({ apps, domain, ports }: CaddyfileInput): string {
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
    ...block(ports.map((port) => `:${port}`).join(", "), [
      ...apps.flatMap((app) => pathRoute(app, domain)),
      ...block("handle", notFound("path")),
    ]),
  ]);
}

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
