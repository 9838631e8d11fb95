/** The status of the appliance in the Caddyfile: a document, and a page that shows it. */
import { block } from "./text";

/** Who may see it. */
export interface StatusInput {
  /** The appliance's own host name. */
  readonly hostname: string;
  readonly domain: string;
  /** The private network, whose guests do not see the status. */
  readonly network: string;
}

/** The document, and the page that shows it (appliance/usr/share/proximity/status). */
export const statusPath = "/api/v1/system/infrastructure/status";

/** TCP port of both on the WAN side. An origin of their own: no page of an app below a path reads them. */
export const statusPort = 8081;

/**
 * Only by address or the appliance's own name: a page elsewhere whose name was made to point here
 * (DNS rebinding) gets nothing. Only from outside: an app is not told who its neighbours are.
 */
function matchStatus({ hostname, domain, network }: StatusInput): readonly string[] {
  const names = [hostname, `${hostname}.${domain}`, "localhost"].map((name) =>
    name.replaceAll(".", "\\."),
  );
  return block("@status", [
    `path / /status.css /status.js ${statusPath}`,
    `header_regexp Host ^([0-9]+(\\.[0-9]+){3}|\\[[0-9a-f:.]+]|${names.join("|")})(:[0-9]+)?$`,
    `not remote_ip ${network} fe80::/10`,
  ]);
}

/** The site of the status. */
export function statusSite(input: StatusInput): readonly string[] {
  return block(`:${statusPort}`, [
    ...matchStatus(input),
    ...block("handle @status", [
      ...protect,
      ...block(`handle ${statusPath}`, [
        "root * /run/proximity",
        "rewrite * /status.json",
        "file_server",
      ]),
      ...block("handle", ["root * /usr/share/proximity/status", "file_server"]),
    ]),
    ...block("handle", ["respond 404"]),
  ]);
}

/** The way there from the ports of the proxy. */
export function redirectToStatus(input: StatusInput): readonly string[] {
  return [...matchStatus(input), `redir @status http://{host}:${statusPort}{uri} 302`];
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
