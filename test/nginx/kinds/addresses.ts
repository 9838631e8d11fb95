/** Spellings of addresses. */
import { kept, OPEN, server, two, type Kind } from "./kind";

/** All of them. */
export const ADDRESSES: readonly Kind[] = [
  ...[
    "[::ffff:10.0.0.5]:443 ipv6only=off",
    "[::FFFF:10.0.0.5]:443 ipv6only=off",
    "[::ffff:a00:5]:443 ipv6only=off",
    "[0:0:0:0:0:ffff:10.0.0.5]:443 ipv6only=off",
    "[0000:0000:0000:0000:0000:ffff:0a00:0005]:443 ipv6only=off",
  ].map((listen) => ({
    name: `address: ${listen}`,
    before: server(`listen ${listen};`),
    after: OPEN,
  })),
  kept("address: mapped loopback", server("listen [::ffff:127.0.0.1]:443 ipv6only=off;")),
  kept(
    "address: mapped loopback in hexadecimal",
    server("listen [::ffff:7f00:1]:443 ipv6only=off;"),
  ),
  kept("address: loopback in full", server("listen [0:0:0:0:0:0:0:1]:443;")),
  {
    name: "address: mapped, beside the same one",
    before: server("listen [::ffff:10.0.0.5]:443 ipv6only=off;", "listen [fd00::5]:443;"),
    after: server("listen 443;", "listen [::]:443;"),
  },
  {
    name: "address: two spellings of one",
    before: two("[fd00::5]:443 ssl", "[fd00:0:0::5]:443", "server_name a;", "server_name b;"),
    after: two("[::]:443 ssl", "[::]:443", "server_name a;", "server_name b;"),
    // Without a certificate nginx says no.
    foreign: true,
  },
];
