/** One app in the Caddyfile: who may use it, and how its requests and responses are passed on. */
import type { App } from "../../model/topology";
import { block, quote } from "./text";

/** What the proxy knows of an app. */
export type ProxiedApp = Pick<App, "name" | "port" | "proxy">;

/**
 * Whether it is below a path. All paths are one origin for a browser, in which the page of one app can use
 * another one with the user's password and address; so what only some may use is not, unless it is declared.
 */
export function servedByPath({ proxy: { path, auth, allowFrom } }: Pick<App, "proxy">): boolean {
  return path === undefined ? auth.length === 0 && allowFrom.length === 0 : path === "strip";
}

/** The path that an app is below, with its slashes; null where it has none. */
export function pathOf(app: Pick<App, "name" | "proxy">): string | null {
  return servedByPath(app) ? `/${app.name}/` : null;
}

/** Which of its two addresses a request came to. */
export type Entry = "path" | "name";

/** The directives that serve an app, for a site of its own or below its path. */
export function serveApp(app: ProxiedApp, domain: string, entry: Entry): readonly string[] {
  const guards = [...allow(app), ...authenticate(app)];
  const handlers = ["import anonymous", ...guards, ...pass(app, domain, entry)];
  // Left to itself, Caddy would ask for a password before it refuses a network.
  return guards.length === 0 ? handlers : block("route", handlers);
}

function allow({ proxy: { allowFrom } }: ProxiedApp): readonly string[] {
  return allowFrom.length === 0
    ? []
    : [
        `@elsewhere not remote_ip ${allowFrom.join(" ")}`,
        'respond @elsewhere "This app is not for your network." 403',
      ];
}

function authenticate({ name, proxy: { auth } }: ProxiedApp): readonly string[] {
  return auth.length === 0
    ? []
    : block(
        `basicauth bcrypt ${name}`,
        auth.map((user) => `import ${userSnippet(user)}`),
      );
}

/** Name of the snippet that holds a user's password hash; see users.ts. */
export function userSnippet(user: string): string {
  return `user-${user}`;
}

function pass(app: ProxiedApp, domain: string, entry: Entry): readonly string[] {
  const { name, port, proxy } = app;
  const host = `${name}.${domain}`;
  const logged = entry === "path" && proxy.log;
  return [
    // Caddy chooses an access log by the host, which for a path is the appliance: it is told the app's
    // host, and the app is told the true one. The port is part of the log's name where it is not 80.
    ...(logged ? ["vars asked {hostport}", `request_header Host ${host}:{args.0}`] : []),
    ...block(`reverse_proxy ${host}:${port}`, [
      "import forwarded",
      entry === "path" ? `header_up X-Forwarded-Prefix /${name}` : "header_up -X-Forwarded-Prefix",
      ...(logged ? ["header_up Host {vars.asked}", "header_up X-Forwarded-Host {vars.asked}"] : []),
      ...edits("header_up", proxy.headers.request),
      ...(entry === "path" ? forOwnOrigin.map((header) => `header_down -${header}`) : []),
      ...edits("header_down", proxy.headers.response),
      ...(proxy.frame ? frame : []),
      ...health(proxy.health),
    ]),
  ];
}

/** What a response may say of its whole origin, which below a path is that of all apps. */
const forOwnOrigin: readonly string[] = [
  "Clear-Site-Data",
  "Service-Worker-Allowed",
  "WWW-Authenticate",
];

function edits(
  directive: "header_up" | "header_down",
  { set, remove }: ProxiedApp["proxy"]["headers"]["request"],
): readonly string[] {
  return [
    ...remove.map((header) => `${directive} -${header}`),
    ...Object.entries(set)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([header, value]) => `${directive} ${header} ${quote(value)}`),
  ];
}

const frame: readonly string[] = [
  "header_down -X-Frame-Options",
  ...["Content-Security-Policy", "X-Content-Security-Policy", "X-WebKit-CSP"].map(
    (header) => `header_down ${header} "(?i)frame-ancestors[^;]*" "frame-ancestors *"`,
  ),
];

function health(check: ProxiedApp["proxy"]["health"]): readonly string[] {
  return check === undefined
    ? []
    : [`health_uri ${check.path}`, `health_interval ${check.interval}s`, "health_timeout 5s"];
}

/** The access log of an app; rotated by Caddy itself. */
export function accessLog({ name, proxy }: ProxiedApp): readonly string[] {
  return proxy.log
    ? block("log", [
        ...block(`output file /var/log/caddy/${name}.log`, ["roll_size 10MiB", "roll_keep 5"]),
        "format json",
      ])
    : [];
}
