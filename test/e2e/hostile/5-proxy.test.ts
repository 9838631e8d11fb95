import assert from "node:assert/strict";

import { waitFor } from "../../../lab/world/wait";
import { get, inside, mustInside, mustOn, on } from "../support/world";
import {
  amount,
  appliance,
  attack,
  client,
  evil,
  gateway,
  lanAttack,
  seed,
  upWithEvil,
} from "./support";

/** Headers in which an app behind a proxy may look for who sent a request, or from where. */
const identities = [
  "X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Forwarded-Port X-Forwarded-Prefix X-Forwarded-User",
  "X_Forwarded_For X_Real_IP X_Forwarded_Prefix Remote_User X-Real-IP X-Real-Port Forwarded Proxy",
  "X-Client-IP Client-IP True-Client-IP Fastly-Client-IP CF-Connecting-IP X-Cluster-Client-IP",
  "Remote-User Remote-Groups Remote-Email X-Remote-User X-User X-Username X-WebAuth-User",
  "X-Auth-Request-User X-Authenticated-User X-Authentik-Username Tailscale-User-Login",
  "Cf-Access-Authenticated-User-Email X-SSL-Client-Verify X-Client-Cert X-Original-URL X-Rewrite-URL",
].flatMap((line) => line.split(" "));

describe("the proxy", () => {
  let wan: string;

  before(() => {
    wan = upWithEvil().appliance.wanAddress;
  });

  const page = () => get(client, `http://${wan}/nginx-01/`).status;
  const processOf = () => mustInside(appliance, "pidof caddy");

  it("outlives connections with large headers, and serves the others meanwhile", () => {
    const before = processOf();
    for (const from of ["guest", "LAN"]) {
      const words = `attack.pl headers ${from === "guest" ? gateway : wan} 300 900000 8`;
      if (from === "guest")
        mustInside(evil, `nohup perl /root/${words} >/root/headers.out 2>&1 </dev/null &`);
      else lanAttack(words);
      for (const end = Date.now() + 8_000; Date.now() < end;) assert.equal(page(), "200", from);
    }
    assert.equal(processOf(), before);
  });

  it("closes a connection whose header does not end", () => {
    const closed = Number(attack("headers", gateway, 20, 100, 14));
    assert.equal(closed, 20);
  });

  it("comes back within seconds when it is killed", async () => {
    const before = processOf();
    mustInside(appliance, "kill -KILL $(pidof caddy)");
    await waitFor("the app through the proxy", 5_000, () => page() === "200");
    assert.notEqual(processOf(), before);
  });

  it("passes on nothing that a client says of itself", () => {
    const flags = identities.flatMap((name) => ["-H", `'${name}: spoofed'`]);
    for (const [url, ...more] of [
      [`http://${wan}/evil/x`],
      [`http://${wan}/x`, "-H", "'Host: evil.prox.local'"],
    ] as const) {
      const { status, body } = get(client, url, ...flags, ...more);
      assert.equal(status, "200");
      assert.match(body, /^X-Forwarded-For: 192\.168\.1\.50$/m);
      assert.doesNotMatch(body, /spoofed/);
    }
  });

  it("sends nobody to another site", () => {
    for (const path of [
      "//example.org%2f..%2fnotes",
      "//example.org/..%2fnotes",
      "/%2fexample.org%2f..%2fnotes",
      "///notes",
      "//notes",
      "/\\\\example.org/../notes",
    ]) {
      const { body } = get(client, `http://${wan}${path}`, "-i", "--path-as-is");
      const location = /^Location: (.*?)\r?$/im.exec(body)?.[1];
      assert.ok(location === undefined || /^\/[^/\\]/.test(location), `${path}: ${location}`);
    }
    const bare = get(client, `http://${wan}/notes`, "-i").body;
    assert.match(bare, /^Location: \/notes\/\r?$/m);
  });

  it("asks for no password in another app's name, below a path", () => {
    const said = (url: string, ...flags: readonly string[]) =>
      get(client, url, "-i", ...flags).body;
    const byPath = said(`http://${wan}/evil/login`);
    assert.match(byPath, /^HTTP\/1\.1 401 /);
    assert.doesNotMatch(byPath, /WWW-Authenticate|Clear-Site-Data/i);
    const byName = said(`http://${wan}/login`, "-H", "'Host: evil.prox.local'");
    assert.match(byName, /WWW-Authenticate: Basic realm="locked"/i);
  });

  it("shows its configuration to root alone", () => {
    const asked = (user: string) =>
      inside(
        appliance,
        `setpriv --reuid ${user} --clear-groups curl -s -H 'Host;' --unix-socket /var/lib/caddy/admin.sock http://localhost/config/`,
      );
    assert.match(asked("root").stdout, /"apps"/);
    assert.notEqual(asked("nobody").code, 0);
    assert.equal(asked("nobody").stdout, "");
    assert.notEqual(inside(appliance, "curl -s http://localhost:2019/config/").code, 0);
  });

  it(`outlives ${amount(500, 10_000)} made-up requests`, () => {
    const before = processOf();
    attack("fuzz http", gateway, amount(500, 10_000), seed);
    assert.equal(page(), "200");
    assert.equal(processOf(), before);
    assert.equal(on(client, `curl -s -m 5 -o /dev/null http://${wan}/`).code, 0);
    assert.match(mustOn(client, `curl -s -m 5 http://${wan}/nginx-01/`), /nginx/);
  });
});
