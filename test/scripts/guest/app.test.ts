import assert from "node:assert/strict";

import type { Family } from "../../../model/family";
import { Sandbox, type Userland } from "./sandbox";
import { guests, words } from "./words";

for (const [family, userland] of guests)
  describe(`an app of ${family}, by the commands of ${userland}`, () => {
    appTests(family, userland);
  }).timeout(60_000);

function appTests(family: Family, userland: Userland): void {
  const { install, enable, tell, restart, reread } = words[family];
  const page = { path: "/srv/page", mode: "0640", content: "hello\n" };
  const args = ["10.20.0.1", "80", "", "", "nginx", "nginx"];
  const bare = (address = "") => ["10.20.0.1", "80", address, "", "", ""];
  const seen = (listening: boolean, address = "10.20.0.101") =>
    JSON.stringify({ address, listening, publicAddress: "", publicMac: "" });
  let guest: Sandbox;
  beforeEach(() => (guest = new Sandbox(family, userland)));
  afterEach(() => {
    guest.remove();
  });
  const run = (files = [page], listening = ["tcp 80"], words = args) =>
    guest.run("app.sh", words, { files, listening });

  it("set an app up, then find nothing to do", () => {
    const first = run();
    assert.deepEqual(first, {
      code: 0,
      stdout: seen(true),
      stderr: "app.sh: installing nginx",
      calls: [...install("nginx"), reread, ...enable("nginx"), ...restart("nginx")],
    });
    assert.equal(guest.read("srv/page"), "hello\n");
    assert.deepEqual(run(), { code: 0, stdout: seen(true), stderr: "", calls: [reread] });
  });

  it("restart a service for a changed file, and start one that died", () => {
    run();
    const changed = run([{ ...page, content: "new\n" }]);
    assert.deepEqual(changed.calls, [reread, ...restart("nginx")]);
    guest.take("running/nginx");
    assert.deepEqual(run([{ ...page, content: "new\n" }]).calls.at(-1), tell("start", "nginx"));
  });

  it("say what a service said that does not start", () => {
    guest.write("broken/nginx", "");
    const { code, stderr } = run();
    assert.equal(code, 1);
    assert.match(stderr, /nginx does not start/);
    assert.match(stderr, /words of the service/);
  });

  it("say what the package manager said", () => {
    guest.write(`broken/${family === "alpine" ? "apk" : "apt-get"}`, "");
    const { code, stderr } = run();
    assert.equal(code, 1);
    assert.match(stderr, /unable to (select|locate) package/i);
    assert.match(stderr, /could not install nginx/);
  });

  it("ask DHCP anew for a reservation, and say who gave another address", () => {
    const { code, stderr, calls } = run([page], ["tcp 80"], bare("10.20.0.7"));
    assert.deepEqual(calls, ["ifdown eth0", "ifup eth0"]);
    assert.equal(code, 1);
    assert.match(stderr, /DHCP gave 10\.20\.0\.101 where 10\.20\.0\.7 is reserved/);
    guest.command(
      "ifup",
      "ip address flush dev eth0; ip address add 10.20.0.7/24 dev eth0; ip route add default via 10.20.0.1",
    );
    guest.command(
      family === "alpine" ? "nslookup" : "getent",
      "printf 'Name: x\\nAddress: 10.20.0.7\\n10.20.0.7 \\n'",
    );
    assert.equal(run([page], ["tcp 80"], bare("10.20.0.7")).stdout, seen(true, "10.20.0.7"));
  });

  it("see that nothing listens, or only for the app itself", () => {
    const seenWith = (...listening: readonly string[]) =>
      guest.run("app.sh", bare(), { listening }).stdout;
    assert.equal(seenWith("tcp 8080", "udp 80", "tcp 80 127.0.0.1", "tcp 80 ::1"), seen(false));
    assert.equal(seenWith("tcp 8080", "from 80 10.20.0.101"), seen(false));
    assert.equal(seenWith("tcp 80 0.0.0.0"), seen(true));
  });

  lookTests(family, () => guest, run);
  // A Debian by this machine's commands would find this machine's own apt-get.
  if (family === "debian" && userland === "host") return;
  it("refuse a container of another family, and say what to do", () => {
    guest.removeCommand(family === "alpine" ? "apk" : "apt-get");
    const { code, stderr } = run();
    assert.equal(code, 1);
    assert.match(stderr, /template is of another family than the declared one\. Correct/);
  });
}

/** What a look says about an app that `setUp` has set up. */
function lookTests(family: Family, guest: () => Sandbox, setUp: () => void): void {
  const look = () => {
    const { code, stdout, stderr, calls } = guest().run("look.sh", [], {});
    assert.deepEqual([code, stderr, calls], [0, "", []]);
    return stdout.split("\n");
  };

  it("tell nothing of an app that is as it was left", () => {
    setUp();
    assert.deepEqual(look(), ["script\tapp.sh"]);
  });

  it("tell what somebody changed: a file, a package, a service that is stopped or not started", () => {
    setUp();
    guest().write("srv/page", "other\n");
    guest().write("installed", "");
    guest().take("running/nginx");
    guest().take(words[family].enabled("nginx"));
    assert.deepEqual(
      look().filter((line) => line.startsWith("found")),
      [
        "found\t/srv/page has another content",
        "found\tthe package nginx is not installed",
        "found\tnginx is not enabled, so it would not start with the guest",
        "found\tnginx does not run",
      ],
    );
  });
}
