/** stream and mail, where servers of one socket cannot be told apart by a name. */
import { APART, refused, type Kind } from "./kind";

const whole = (kind: "stream" | "mail", ...servers: readonly string[]): string => {
  const module = "load_module modules/ngx_stream_module.so;\n";
  const rest = kind === "mail" ? "auth_http 127.0.0.1:1/;\n" : "";
  return `# whole\n${kind === "stream" ? module : ""}events { }\n${kind} {\n${rest}${servers.join("\n")}\n}\n`;
};
const pass = (listen: string, more = ""): string =>
  `server { ${listen} ${more}proxy_pass 10.0.0.9:1; }`;
const mail = (listen: string): string => `server { ${listen} protocol imap; }`;

/** All of them. */
export const STREAM: readonly Kind[] = [
  {
    name: "stream: one server for IPv4, one for IPv6",
    before: whole("stream", pass("listen 10.0.0.5:443;"), pass("listen [fd00::5]:443;")),
    after: whole("stream", pass("listen 443;"), pass("listen [::]:443;")),
  },
  {
    name: "stream: the one for IPv6 first",
    before: whole("stream", pass("listen [fd00::5]:443;"), pass("listen 10.0.0.5:443;")),
    after: whole("stream", pass("listen [::]:443;"), pass("listen 443;")),
  },
  {
    name: "stream: one server",
    before: whole("stream", pass("listen 10.0.0.5:443;")),
    after: whole("stream", pass("listen 443; listen [::]:443;")),
  },
  {
    name: "stream: one server with two addresses",
    before: whole("stream", pass("listen 10.0.0.5:443; listen 10.0.0.6:443;")),
    after: whole("stream", pass("listen 443; listen [::]:443;")),
  },
  {
    name: "stream: TCP and UDP in two servers",
    before: whole("stream", pass("listen 10.0.0.5:443;"), pass("listen 10.0.0.5:443 udp;")),
    after: whole(
      "stream",
      pass("listen 443; listen [::]:443;"),
      pass("listen 443 udp; listen [::]:443 udp;"),
    ),
  },
  refused(
    "stream: two servers by address",
    whole("stream", pass("listen 10.0.0.5:443;"), pass("listen 10.0.0.6:443;")),
    /in stream, only one server can have a socket/,
  ),
  refused(
    "stream: two servers by IPv6 address",
    whole("stream", pass("listen [fd00::5]:443;"), pass("listen [fd00::6]:443;")),
    APART,
  ),
  refused(
    "stream: beside one that is open",
    whole("stream", pass("listen 443;"), pass("listen 10.0.0.6:443;")),
    APART,
  ),
  refused(
    "stream: two servers by address for UDP",
    whole("stream", pass("listen 10.0.0.5:443 udp;"), pass("listen 10.0.0.6:443 udp;")),
    APART,
  ),
  refused(
    "stream: a file that stream includes",
    [pass("listen 10.0.0.5:443;"), pass("listen 10.0.0.6:443;")].join("\n"),
    /in stream, only one/,
  ),
  {
    name: "stream: servers that have names",
    before: whole(
      "stream",
      pass("listen 10.0.0.5:443 ssl;", "server_name a; "),
      pass("listen 10.0.0.6:443 ssl;", "server_name b; "),
    ),
    after: whole(
      "stream",
      pass("listen 443 ssl; listen [::]:443 ssl;", "server_name a; "),
      pass("listen 443 ssl; listen [::]:443 ssl;", "server_name b; "),
    ),
    foreign: true,
  },
  {
    name: "mail: one server for IPv4, one for IPv6",
    before: whole("mail", mail("listen 10.0.0.5:443;"), mail("listen [fd00::5]:443;")),
    after: whole("mail", mail("listen 443;"), mail("listen [::]:443;")),
    foreign: true,
  },
  refused(
    "mail: two servers by address",
    whole("mail", mail("listen 10.0.0.5:443;"), mail("listen 10.0.0.6:443;")),
    /in mail, only one server can have a socket/,
  ),
  {
    name: "http beside stream on UDP",
    before: `# whole\nuser root;\nerror_log stderr;\nload_module modules/ngx_stream_module.so;\nevents { }\nstream { ${pass("listen 10.0.0.5:443 udp;")} }\nhttp { access_log off; server { listen 10.0.0.5:443; } }\n`,
    after: `# whole\nuser root;\nerror_log stderr;\nload_module modules/ngx_stream_module.so;\nevents { }\nstream { ${pass("listen 443 udp; listen [::]:443 udp;")} }\nhttp { access_log off; server { listen 443; listen [::]:443; } }\n`,
  },
];
