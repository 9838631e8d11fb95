import assert from "node:assert/strict";

import { endLoad, startLoad } from "../support/load";
import { appliance, asker, declareServices, password, target } from "../support/services";
import { checkout, get, mustInside, mustOn, on, outputs } from "../support/world";

const client = "lan-client";
const gateway = "10.20.0.1";

describe("the proxy", () => {
  let wan: string;

  before(() => {
    declareServices();
    checkout().must("make", ["up"]);
    wan = outputs().appliance.wanAddress;
  });

  const path = (rest = "", flags: readonly string[] = []) =>
    get(client, `http://${wan}:8080/target/${rest}`, ...flags);
  it("tells the app who asks, whatever a stranger says", () => {
    const lies = ["X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https", "X-Real-IP: 6.6.6.6"];
    const more = ["X-Forwarded-Host: evil", "X-Forwarded-Prefix: /evil", "Forwarded: for=6.6.6.6"];
    const flags = [...lies, ...more].flatMap((line) => ["-H", `'${line}'`]);
    for (const host of [false, true]) {
      const { body } = host
        ? get(client, `http://${wan}/x`, ...flags, "-H", "'Host: target.prox.local'")
        : path("x", flags);
      assert.match(body, /^GET \/x$/m);
      assert.match(body, /^X-Forwarded-For: 192\.168\.1\.50$/m);
      assert.match(body, /^X-Real-Ip: 192\.168\.1\.50$/m);
      assert.match(body, /^X-Forwarded-Proto: http$/m);
      assert.doesNotMatch(body, /6\.6\.6\.6|evil/);
      assert.equal(/^X-Forwarded-Prefix: \/target$/m.test(body), !host);
      assert.match(
        body,
        host ? /^Host: target\.prox\.local$/m : new RegExp(`^Host: ${wan}:8080$`, "m"),
      );
    }
  });
  it("sets and removes declared headers, and lets the page be framed", () => {
    const { body } = path("x", ["-i", "-H", "'X-Unwanted: 1'"]);
    assert.match(body, /^X-From: the proxy$/m);
    assert.doesNotMatch(body, /X-Unwanted|X-Powered-By|X-Frame-Options/);
    assert.match(body, /^Content-Security-Policy: default-src 'self'; frame-ancestors \*\r?$/m);
    const host = "'Host: locked.prox.local'";
    const login = `alice:${password}`;
    const other = get("pve1", `http://${wan}:8080/x`, "-i", "-u", login, "-H", host);
    assert.match(other.body, /^X-Frame-Options: DENY\r?$/m);
  });
  it("asks for a password, and lets its user in", () => {
    const status = (...flags: readonly string[]) =>
      get(client, `http://${wan}:8080/`, "-H", "'Host: locked.prox.local'", ...flags).status;
    assert.equal(status(), "401");
    assert.equal(status("-u", "alice:wrong"), "401");
    assert.equal(status("-u", `alice:${password}`), "200");
    assert.equal(mustInside(appliance, "stat -c '%a %U:%G' /etc/caddy/users"), "640 root:caddy");
  });
  it("refuses other networks than the declared ones", () => {
    const host = "'Host: near.prox.local'";
    assert.equal(get(client, `http://${wan}:8080/`, "-H", host).status, "403");
    assert.match(
      mustInside(
        asker,
        `bash -c 'exec 3<>/dev/tcp/${gateway}/8080; printf "GET / HTTP/1.0\\r\\nHost: near.prox.local\\r\\n\\r\\n" >&3; head -n 1 <&3'`,
      ),
      / 200 /,
    );
  });
  it("serves none of these by a path, which all apps share", () => {
    for (const name of ["locked", "near"])
      assert.equal(get(client, `http://${wan}:8080/${name}/`).status, "404");
  });
  it("carries a WebSocket", () => {
    const request = [
      "GET /target/ws HTTP/1.1",
      `Host: ${wan}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ].join("\\r\\n");
    // The frame goes out once the answer is in, as a browser does it.
    const talk = mustOn(
      client,
      `timeout 20 bash -c 'exec 3<>/dev/tcp/${wan}/80; printf "${request}\\r\\n\\r\\n" >&3
      while read -r line <&3; do printf "%s\\n" "$line"; [ "$line" != $'"'"'\\r'"'"' ] || break; done
      printf hello >&3; head -c 5 <&3'`,
    );
    assert.match(talk, /^HTTP\/1\.1 101 /);
    assert.match(talk, /Sec-Websocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/i);
    assert.match(talk, /hello$/);
  });
  it("passes 200 MB through without keeping them in memory", () => {
    const memory = () =>
      Number(mustInside(appliance, "awk '/^VmRSS/ { print $2 }' /proc/$(pidof caddy)/status"));
    const before = memory();
    const size = 200 * 1024 * 1024;
    const sent = mustOn(
      client,
      `truncate -s ${size} /tmp/big; curl -sS -m 60 -X POST -T /tmp/big http://${wan}:8080/target/upload`,
    );
    assert.equal(sent, String(size));
    const grown = memory() - before;
    assert.ok(grown < 40_000, `caddy grew by ${grown} KiB`);
  });
  // With net.ipv4.tcp_migrate_req off, this lost about ten of a thousand on a quiet machine.
  it("loses no request while Caddy takes one configuration after the other", () => {
    const asking = (script: string): string => mustOn(client, script);
    startLoad(asking, { host: wan, port: 8080, path: "/target/", rate: 200 });
    mustInside(appliance, "for _ in $(seq 30); do systemctl reload caddy; done");
    const { asked, reasons } = endLoad(asking);
    assert.deepEqual(reasons, [], `of ${asked} requests`);
  });
  it("says so in a page while an app is sick, and serves it again when it is not", () => {
    const until = (status: string) =>
      mustOn(
        client,
        `n=0; until [ "$(curl -s -o /dev/null -m 5 -w '%{http_code}' http://${wan}:8080/target/)" = ${status} ]; do n=$((n + 1)); [ $n -lt 50 ]; sleep 0.2; done`,
      );
    mustInside(target, "touch /run/sick");
    until("503");
    const { body, status } = path("", ["-i"]);
    assert.equal(status, "503");
    assert.match(body, /Content-Type: text\/html/);
    assert.match(body, /This app does not answer at the moment/);
    mustInside(target, "rm /run/sick");
    until("200");
  });
  it("keeps a log of an app, by path as by name, in JSON, and none of the others", () => {
    path("by-path");
    get(client, `http://${wan}/by-path-80`.replace("/by", "/target/by"));
    get(client, `http://${wan}:8080/by-name`, "-H", "'Host: target.prox.local:8080'");
    const lines = mustInside(appliance, "cat /var/log/caddy/target.log")
      .split("\n")
      .map((line) => JSON.parse(line) as { request: { uri: string; remote_ip: string } });
    for (const uri of ["/target/by-path", "/target/by-path-80", "/by-name"])
      assert.ok(
        lines.some(({ request }) => request.uri === uri && request.remote_ip === "192.168.1.50"),
        uri,
      );
    assert.equal(mustInside(appliance, "ls /var/log/caddy"), "target.log");
  });
  it("serves HTTPS by its own authority, whose root certificate can be had", () => {
    mustOn(client, `curl -sf -o /tmp/ca.crt http://${wan}/ca.crt`);
    const secure = (host: string, url: string) =>
      get(
        client,
        `https://${host}${url}`,
        "--resolve",
        `${host}:443:${wan}`,
        "--cacert",
        "/tmp/ca.crt",
      ).status;
    // get() passes -k, so the chain is judged by a call of its own.
    assert.equal(secure("target.prox.local", "/"), "200");
    for (const host of ["target.prox.local", "prox-appliance.prox.local"])
      mustOn(
        client,
        `curl -sS -o /dev/null --cacert /tmp/ca.crt --resolve ${host}:443:${wan} https://${host}/`,
      );
    assert.notEqual(
      on(
        client,
        `curl -s -o /dev/null --resolve target.prox.local:443:${wan} https://target.prox.local/`,
      ).code,
      0,
    );
    assert.equal(secure("prox-appliance.prox.local", "/target/"), "200");
    assert.equal(get(client, `http://${wan}/root.key`).status, "404");
  });
});
