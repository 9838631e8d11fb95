/** Servers of which a part is in another file. */
import { server, type Kind } from "./kind";

const include = (
  path: string,
  beside: Readonly<Record<string, string>>,
  after: string | RegExp,
) => ({
  before: server("listen 10.0.0.5:443;", `include ${path};`),
  after,
  beside,
});

/** All of them. */
export const INCLUDES: readonly Kind[] = [
  {
    name: "include: the companion is there",
    ...include(
      "lib/listen6.conf",
      { "lib/listen6.conf": "listen [::]:443;\n" },
      server("listen 443;", "include lib/listen6.conf;"),
    ),
  },
  {
    name: "include: by a pattern",
    ...include(
      "lib/*.conf",
      { "lib/x.conf": "listen [::]:443;\n" },
      server("listen 443;", "include lib/*.conf;"),
    ),
  },
  {
    name: "include: over two files",
    ...include(
      "lib/a.conf",
      { "lib/a.conf": "include lib/b.conf;\n", "lib/b.conf": "listen [::]:443;\n" },
      server("listen 443;", "include lib/a.conf;"),
    ),
  },
  {
    name: "include: the open listener is there",
    ...include(
      "lib/open.conf",
      { "lib/open.conf": "listen 443; listen [::]:443;\n" },
      server("include lib/open.conf;"),
    ),
  },
  {
    name: "include: an address is there",
    ...include(
      "lib/a.conf",
      { "lib/a.conf": "listen 10.0.0.6:443;\n" },
      /lib\/a\.conf:1 .* name this file as well/,
    ),
  },
  {
    name: "include: no listener is there",
    ...include(
      "lib/tls.conf",
      { "lib/tls.conf": "keepalive_timeout 5;\n" },
      server("listen 443;", "listen [::]:443;", "include lib/tls.conf;"),
    ),
  },
  {
    name: "include: a pattern that nothing fits",
    ...include("lib/*.conf", {}, server("listen 443;", "listen [::]:443;", "include lib/*.conf;")),
  },
  {
    name: "include: the name is there",
    before:
      server("listen 10.0.0.5:443;", "include lib/name.conf;").repeat(1) +
      server("listen 10.0.0.6:443;", "server_name a;"),
    beside: { "lib/name.conf": "server_name a;\n" },
    after: /has the name a/,
  },
  {
    name: "include: a whole server is there",
    before:
      server("listen 443;", "listen [::]:443;", "server_name a;") + "include lib/site.conf;\n",
    beside: { "lib/site.conf": "server { listen 10.0.0.6:443; server_name b; }\n" },
    after: /lib\/site\.conf:1 .* name this file as well/,
  },
  {
    name: "include: a file that is not here",
    ...include(
      "/nowhere/listen6.conf",
      {},
      server("listen 443;", "include /nowhere/listen6.conf;"),
    ),
    foreign: true,
  },
  {
    name: "include: in a location, where no listener can be",
    before: server("listen 10.0.0.5:443;", "location / { include /nowhere/x.conf; }"),
    after: server("listen 443;", "listen [::]:443;", "location / { include /nowhere/x.conf; }"),
    foreign: true,
  },
];
