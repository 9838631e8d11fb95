/** Flags that a socket has from all of its listeners. */
import { kept, refused, server, two, type Kind } from "./kind";

const TLS = "ssl_certificate certs/gateway.pem;\n    ssl_certificate_key certs/gateway.key;";
const named = (name: string): string => `server_name ${name};\n    ${TLS}`;
/** All of them. */
export const FLAGS: readonly Kind[] = [
  {
    name: "flags: ssl at one server of an address",
    before: two("10.0.0.5:443 ssl default_server", "10.0.0.5:443", named("a"), named("b")),
    after: two(
      "443 ssl default_server;\n    listen [::]:443 ssl default_server",
      "443;\n    listen [::]:443",
      named("a"),
      named("b"),
    ),
  },
  {
    name: "flags: ssl at the last server of an address",
    before: two("10.0.0.5:443", "10.0.0.5:443 ssl", named("a"), named("b")),
    after: two(
      "443;\n    listen [::]:443",
      "443 ssl;\n    listen [::]:443 ssl",
      named("a"),
      named("b"),
    ),
  },
  {
    name: "flags: proxy_protocol at one server of an address",
    before: two("10.0.0.5:443 proxy_protocol", "10.0.0.5:443", "server_name a;", "server_name b;"),
    after: two(
      "443 proxy_protocol;\n    listen [::]:443 proxy_protocol",
      "443;\n    listen [::]:443",
      "server_name a;",
      "server_name b;",
    ),
  },
  {
    name: "flags: both addresses have it at one server each",
    before:
      two("10.0.0.5:443 ssl", "10.0.0.5:443", named("a"), named("b")) +
      two("10.0.0.6:443", "10.0.0.6:443 ssl", named("c"), named("d")),
    after:
      two(
        "443 ssl;\n    listen [::]:443 ssl",
        "443;\n    listen [::]:443",
        named("a"),
        named("b"),
      ) +
      two("443;\n    listen [::]:443", "443 ssl;\n    listen [::]:443 ssl", named("c"), named("d")),
  },
  refused(
    "flags: two addresses that differ",
    two("10.0.0.5:443 ssl", "10.0.0.6:443", named("a"), named("b")),
    /has ssl and .* has not/,
  ),
  refused(
    "flags: two addresses, one of them with it at one server",
    two("10.0.0.5:443 ssl", "10.0.0.5:443", named("a"), named("b")) +
      server("listen 10.0.0.6:443;", "server_name c;"),
    /has ssl and .* has not/,
  ),
  kept(
    "flags: an open socket with it at one server",
    `${server("listen 443 ssl;", "listen [::]:443 ssl;", named("a"))}${server("listen 443;", "listen [::]:443;", named("b"))}`,
  ),
];
