/** The reverse proxy of the appliance: every app under its path and under its own name (Caddyfile). */
import { header, toText } from "../header";
import { accessLog, servedByPath, serveApp, type ProxiedApp } from "./app";
import { redirectToStatus, statusSite, type StatusInput } from "./status";
import { block } from "./text";
import { usersFile } from "./users";

/** What the Caddyfile depends on. */
export interface CaddyfileInput extends StatusInput {
  readonly apps: readonly ProxiedApp[];
  /** Ports of HTTP. */
  readonly ports: readonly number[];
  readonly https: boolean;
}

/** Where Caddy of Debian keeps the certificate of its own authority. */
const authority = "/var/lib/caddy/.local/share/caddy/pki/authorities/local";

/**
 * The complete Caddyfile. `http://<appliance>/` leads to the status; `http://<appliance>/<app>/` has the prefix stripped and named in
 * X-Forwarded-Prefix; `http://<app>.<domain>/` passes paths as they are; anything else is a 404.
 * The admin API stays, because a reload without loss goes through it, as a socket that caddy and root alone
 * can use: it would tell every user the password hashes.
 */
export function renderCaddyfile(input: CaddyfileInput): string {
  const { apps, ports } = input;
  return toText([
    header("#"),
    ...block("", globals(input)),
    "",
    ...(apps.some(({ proxy }) => proxy.auth.length > 0) ? [`import ${usersFile}`, ""] : []),
    ...snippets,
    ...block("(paths)", paths(input)),
    "",
    ...apps.flatMap((app) => [...nameSite(app, input), ""]),
    ...ports.flatMap((port) => block(`:${port}`, [`import paths ${port}`])),
    ...secureSite(input),
    ...statusSite(input),
  ]);
}

function globals({ https }: CaddyfileInput): readonly string[] {
  return [
    `admin unix/${adminSocket}`,
    ...(https
      ? // HTTP keeps working, and nothing asks Caddy to change what this machine itself trusts.
        ["auto_https disable_redirects", "skip_install_trust"]
      : ["auto_https off"]),
    ...block("servers", [
      ...(https ? ["protocols h1 h2"] : []),
      "# A stranger's connection costs little memory, and none of it for long. Bodies pass without a limit.",
      "max_header_size 32KiB",
      ...block("timeouts", ["read_header 10s", "idle 2m"]),
    ]),
    "grace_period 10s",
  ];
}

/** In Caddy's own folder, which both families have. */
const adminSocket = "/var/lib/caddy/admin.sock";

/**
 * Idle connections that are kept to each app. Caddy itself keeps 32, and with 64 clients opens a connection
 * for about one request in seven (seen with `make bench-path`'s site).
 */
const IDLE_CONNECTIONS = 128;

/**
 * Headers in which proxies in front of an app say where a request came from and who sent it. Those with an
 * underscore are what CGI, WSGI and PHP take for the ones with a hyphen; nginx drops them all too
 * (underscores_in_headers).
 */
const claims: readonly string[] = [
  "*_*",
  "Cf-*",
  "Client-Ip",
  "Fastly-Client-Ip",
  "Forwarded",
  "Proxy",
  "Remote-*",
  "Tailscale-*",
  "True-Client-Ip",
  "X-Auth-Request-*",
  "X-Authenticated-*",
  "X-Authentik-*",
  "X-Client-Cert",
  "X-Client-Ip",
  "X-Cluster-Client-Ip",
  "X-Forwarded-*",
  "X-Original-*",
  "X-Real-*",
  "X-Remote-*",
  "X-Rewrite-Url",
  "X-Ssl-*",
  "X-User",
  "X-Username",
  "X-Webauth-*",
];

const snippets: readonly string[] = [
  "# What a client says about where a request came from and who sent it does not reach an app (docs/proxy.md).",
  "# Connections to an app are kept for the next requests: each new one costs a question for the app's name.",
  ...block(
    "(anonymous)",
    claims.map((header) => `request_header -${header}`),
  ),
  ...block("(forwarded)", [
    "header_up X-Real-IP {remote_host}",
    ...block("transport http", [`keepalive_idle_conns_per_host ${IDLE_CONNECTIONS}`]),
  ]),
  "",
  ...block(
    "(unavailable)",
    block("handle_errors", [
      // An expression would be compiled for each app, at each reload.
      "@down vars {http.error.status_code} 502 503 504",
      "header @down Retry-After 10",
      'header @down Content-Type "text/html; charset=utf-8"',
      'respond @down "<!doctype html><meta name=viewport content=width=device-width><title>Not available</title><h1>This app does not answer at the moment</h1><p>The gateway is fine, the app behind it is not. Try again in a minute.</p>" {http.error.status_code}',
    ]),
  ),
  "",
];

/**
 * Every app under its path; the argument is the port, see app.ts. Caddy makes all of this anew for each site
 * that imports it, so there is one for each port, and names that no app has are told apart in it.
 */
function paths(input: CaddyfileInput): readonly string[] {
  const { apps, domain, hostname, https } = input;
  const byPath = apps.filter(servedByPath);
  return [
    "import unavailable",
    // A request to an app that keeps a log goes there; all others go to this one.
    ...(byPath.some(({ proxy }) => proxy.log) ? block("log", ["output discard"]) : []),
    ...block("@stranger", [`host *.${domain}`, `not host ${hostname}.${domain}`]),
    // Without the slash a page's relative links would point beside the app.
    ...(byPath.length > 0
      ? [`@bare path_regexp bare ^/(${byPath.map(({ name }) => name).join("|")})$`]
      : []),
    // Left to itself, Caddy would put the longest path first, and serve it to strangers. The apps come next,
    // since each request goes through all that stands before what it is for.
    ...block("route", [
      ...block("handle @stranger", notFound("name")),
      ...byPath.flatMap((app) =>
        block(`handle_path /${app.name}/*`, serveApp(app, domain, "path")),
      ),
      // By the app's name, not by the path as it came: that may be another way to write it, such as one with
      // two slashes, which a browser takes for another host.
      ...(byPath.length > 0 ? ["redir @bare /{re.bare.1}/ 308"] : []),
      ...redirectToStatus(input),
      ...(https ? block("handle /ca.crt", rootCertificate) : []),
      ...block("handle", notFound("path")),
    ]),
  ];
}

const rootCertificate: readonly string[] = [
  `root * ${authority}`,
  // The authority's key lies beside it.
  "rewrite * /root.crt",
  "header Content-Type application/x-x509-ca-cert",
  "file_server",
];

function nameSite(app: ProxiedApp, { domain, ports, https }: CaddyfileInput): readonly string[] {
  const name = `${app.name}.${domain}`;
  const plain = addresses(name, ports);
  return block(https ? `${plain}, https://${name}` : plain, [
    ...(https ? ["tls internal"] : []),
    "import unavailable",
    ...accessLog(app),
    ...serveApp(app, domain, "name"),
  ]);
}

function secureSite({ https, hostname, domain }: CaddyfileInput): readonly string[] {
  return https ? block(`https://${hostname}.${domain}`, ["tls internal", "import paths 443"]) : [];
}

function addresses(host: string, ports: readonly number[]): string {
  return ports.map((port) => `http://${host}:${port}`).join(", ");
}

function notFound(what: "name" | "path"): readonly string[] {
  return [`respond "No app has this ${what}." 404`];
}
