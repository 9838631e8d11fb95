import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { networkInterfaces } from "node:os";
import path from "node:path";

import { needRoot, TestLab } from "./support/labs";
import { KEYS, sshTo } from "./support/ssh";

describe("the lab's networks", function () {
  this.timeout(900_000);
  let lab: TestLab;

  before(function () {
    needRoot(this);
    lab = new TestLab("spec-net", 18600);
    lab.up();
  });
  after(() => {
    lab.end();
  });

  const answers = (host: string, url: string): string => lab.mustOn(host, `curl -sSk -m 5 ${url}`);

  it("shows the outside host who calls: the router does not translate", () => {
    assert.equal(answers("lan-client", "http://198.51.100.10/"), "192.168.1.50");
    assert.equal(answers("pve1", "http://198.51.100.10/"), "192.168.1.10");
    assert.equal(answers("outside", "http://192.168.1.50/"), "198.51.100.10");
  });

  it("answers 404 for files the outside host does not have, and 400 for paths that climb", () => {
    const status = (path: string): string =>
      lab.mustOn(
        "lan-client",
        `curl -s --path-as-is -o /dev/null -w '%{http_code}' http://198.51.100.10${path}`,
      );
    assert.equal(status("/nothing"), "404");
    assert.equal(status("/../etc/passwd"), "400");
  });

  it("resolves the lab's names and no others", () => {
    const resolve = (name: string): string => lab.mustOn("pve1", `dig +short ${name}`);
    assert.equal(resolve("outside.example.net"), "198.51.100.10");
    assert.equal(resolve("pve1.lan.example.net"), "192.168.1.10");
    assert.match(lab.mustOn("lan-client", "dig nothing.example.com"), /status: NXDOMAIN/);
  });

  it("has no way to the machine or beyond: every route ends in the lab", () => {
    const machine = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ family, internal }) => family === "IPv4" && !internal)
      .map(({ address }) => address);
    assert.ok(machine.length > 0, "this machine has no address to try");
    for (const host of ["router", "outside", "lan-client", "pve1"]) {
      for (const address of [...machine, "192.0.2.77"]) {
        assert.notEqual(lab.on(host, "ping", "-c1", "-W1", address).code, 0, `${host} ${address}`);
      }
    }
  });

  it("fetches packages through the cache on the outside host only", () => {
    const url = lab.mustOn(
      "pve1",
      "awk '$3 == \"bookworm\" { print $2; exit }' /etc/apt/sources.list",
    );
    const release = `${url.replace(/\/$/, "")}/dists/bookworm/InRelease`;
    const fetch = (proxy: string): number =>
      lab.on("lan-client", "curl", "-sSf", "-m", "20", "-o", "/dev/null", "-x", proxy, release)
        .code;
    assert.equal(fetch("http://198.51.100.10:3142"), 0);
    assert.notEqual(fetch("http://192.168.1.1:3142"), 0);
  });

  it("forwards loopback ports to the node's SSH and where one asks", async () => {
    lab.must("forward", ["18680", "192.168.1.50:80"]);
    const page = await fetch("http://127.0.0.1:18680/");
    assert.equal(await page.text(), "192.168.1.50");
    const { ssh } = lab.status();
    const { code, stdout, stderr } = await sshTo(ssh.port, ssh.hostKey, "cat; hostname; exit 9");
    assert.deepEqual({ code, stdout }, { code: 9, stdout: "in\npve1\n" }, stderr);
    const other = readFileSync(path.join(KEYS, "client.pub"), "utf8");
    assert.match((await sshTo(ssh.port, other, "true")).stderr, /Host key verification failed/);
  });

  it("serves the API on loopback and on the node's own port 8006", async () => {
    const { api } = lab.status();
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const call = request(
        `${api}/api2/json/version`,
        { rejectUnauthorized: false },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      call.once("error", reject).end();
    });
    assert.equal(status, 401);
    const inside = lab.mustOn(
      "lan-client",
      "curl -sk -o /dev/null -w '%{http_code}' https://192.168.1.10:8006/api2/json/version",
    );
    assert.equal(inside, "401");
  });
});
