/** Servers that share a socket from now on: told apart or not, with a companion or not. */
import { APART, kept, refused, server, two, type Kind } from "./kind";

/** Which servers would be lost, and which not. */
export const LOST: readonly Kind[] = [
  refused("lost: two servers without a name", two("10.0.0.5:443", "10.0.0.6:443"), APART),
  refused(
    "lost: two servers of one name",
    two("10.0.0.5:443", "10.0.0.6:443", "server_name a.example;", "server_name a.example;"),
    /has the name a\.example/,
  ),
  refused(
    "lost: one name in capitals",
    two("10.0.0.5:443", "10.0.0.6:443", "server_name A.Example;", "server_name b a.example;"),
    APART,
  ),
  refused(
    "lost: the short form of a wildcard",
    two("10.0.0.5:443", "10.0.0.6:443", "server_name .a.example;", "server_name *.a.example;"),
    APART,
  ),
  refused(
    "lost: one name among several, in two directives",
    two(
      ...([
        "10.0.0.5:443",
        "10.0.0.6:443",
        "server_name a b;",
        "server_name c;\n    server_name b;",
      ] as const),
    ),
    APART,
  ),
  refused(
    "lost: the name for no name",
    two("10.0.0.5:443", "10.0.0.6:443", "server_name _;", "server_name _;"),
    APART,
  ),
  refused(
    "lost: a server without a name behind one that has one",
    two("10.0.0.5:443", "10.0.0.6:443", "server_name a;"),
    /has no name of its own/,
  ),
  refused(
    "lost: two default servers, one without a name",
    two("10.0.0.5:443 default_server", "10.0.0.6:443 default_server", "server_name a;"),
    APART,
  ),
  refused("lost: beside one that is open", two("443", "10.0.0.6:443"), APART),
  refused("lost: IPv6 addresses", two("[fd00::5]:443", "[fd00::6]:443"), APART),
  refused(
    "lost: an IPv4-mapped address",
    two("10.0.0.5:443", "[::ffff:10.0.0.6]:443 ipv6only=off"),
    APART,
  ),
  refused("lost: UDP", two("10.0.0.5:443 quic", "10.0.0.6:443 quic"), APART),
  {
    name: "not lost: a server without a name that is first",
    before: two("10.0.0.5:443", "10.0.0.6:443", "", "server_name b;"),
    after: [
      server("listen 443;\n    listen [::]:443;\n    "),
      server("listen 443;\n    listen [::]:443;\n    server_name b;"),
    ].join(""),
  },
  {
    name: "not lost: a server without a name that is the default one",
    before: two("10.0.0.5:443", "10.0.0.6:443 default_server", "server_name a;"),
    after: [
      server("listen 443;\n    listen [::]:443;\n    server_name a;"),
      server("listen 443 default_server;\n    listen [::]:443 default_server;\n    "),
    ].join(""),
  },
  {
    name: "not lost: one address twice, as it was ignored before",
    before: two("10.0.0.5:443", "10.0.0.5:443"),
    after: server("listen 443;\n    listen [::]:443;\n    ").repeat(2),
  },
  {
    name: "not lost: an address of another port",
    before: two("10.0.0.5:443", "10.0.0.6:8443"),
    after: [
      server("listen 443;\n    listen [::]:443;\n    "),
      server("listen 10.0.0.6:8443;\n    "),
    ].join(""),
  },
  kept(
    "not lost: two that are open already",
    server("listen 443;", "listen [::]:443;", "server_name a;").repeat(2),
  ),
];

/** Where a companion for IPv6 would take something from another server. */
export const COMPANIONS: readonly Kind[] = [
  {
    name: "companion: not where another server has the name for IPv6",
    before: two("10.0.0.5:443", "[fd00::5]:443", "server_name a;", "server_name a;"),
    after: two("443", "[::]:443", "server_name a;", "server_name a;"),
  },
  {
    name: "companion: not where it would hide a server without a name",
    before: two("10.0.0.5:443", "[fd00::5]:443", "server_name a;"),
    after: two("443", "[::]:443", "server_name a;"),
  },
  {
    name: "companion: behind a server without a name it hides nothing",
    before: two("[fd00::5]:443", "10.0.0.5:443", "", "server_name a;"),
    after: two("[::]:443", "443;\n    listen [::]:443", "", "server_name a;"),
  },
  {
    name: "companion: not as the default server of another one's socket",
    before: two("[fd00::5]:443", "10.0.0.5:443 default_server", "", "server_name a;"),
    after: two("[::]:443", "443 default_server", "", "server_name a;"),
  },
  {
    name: "companion: not on a socket of another protocol",
    before: two("10.0.0.5:443 proxy_protocol", "[::]:443", "server_name a;", "server_name b;"),
    after: two("443 proxy_protocol", "[::]:443", "server_name a;", "server_name b;"),
  },
];
