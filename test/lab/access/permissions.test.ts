import assert from "node:assert/strict";

import { privilegesOn } from "../../../lab/access/permissions";
import { PRIVILEGES } from "../../../lab/access/privileges";
import { parseUserConfig } from "../../../lab/access/user-config";

const config = parseUserConfig(`
user:root@pam:1:0::::::
token:root@pam!all:0:0::
user:ann@pve:1:0:::ann@example.net:with %3A colon::
token:ann@pve!same:0:0::
token:ann@pve!own:0:1::
user:bob@pve:0:1700000000::::::
group:staff:ann@pve,bob@pve::

role:Reader:VM.Audit,Sys.Audit:
role:Starter:VM.PowerMgmt:
role:Maker:VM.Allocate,Pool.Audit:

acl:1:/vms:ann@pve:Reader:
acl:0:/nodes:ann@pve:Reader:
acl:1:/vms/200:ann@pve:Starter:
acl:1:/vms/300:@staff:Starter:
acl:1:/vms/400:@staff:Starter:
acl:1:/vms/400:ann@pve:NoAccess,Reader:
acl:1:/storage:@staff:Starter:
acl:1:/:ann@pve!own:Reader,Starter:
acl:1:/pool/box:bob@pve:Maker:

pool:box:a comment:500,501:local:
`);
const on = (subject: string, path: string): readonly string[] =>
  [...privilegesOn(config, subject, path).keys()].sort();

describe("lab permissions: user.cfg", () => {
  it("tells users, tokens and groups, comments decoded", () => {
    assert.deepEqual(config.users.get("ann@pve"), {
      enable: true,
      expire: 0,
      comment: "with : colon",
    });
    assert.equal(config.users.get("bob@pve")?.enable, false);
    assert.equal(config.tokens.get("ann@pve!own")?.privsep, true);
    assert.deepEqual(config.groups.get("staff"), ["ann@pve", "bob@pve"]);
    assert.deepEqual(config.pools.get("/vms/501"), ["box"]);
  });

  it("passes a role on to paths below, unless its entry does not propagate", () => {
    assert.deepEqual(on("ann@pve", "/vms/100"), ["Sys.Audit", "VM.Audit"]);
    assert.deepEqual(on("ann@pve", "/nodes"), ["Sys.Audit", "VM.Audit"]);
    assert.deepEqual(on("ann@pve", "/nodes/pve1"), []);
    assert.deepEqual(on("ann@pve", "/"), []);
    // Below means below, not a name that begins the same.
    assert.deepEqual(on("ann@pve", "/vms2"), []);
  });

  it("lets an entry nearer to the path replace what was inherited", () => {
    assert.deepEqual(on("ann@pve", "/vms/200"), ["VM.PowerMgmt"]);
  });

  it("uses groups where the user has no entry at that path, and NoAccess before all roles", () => {
    assert.deepEqual(on("ann@pve", "/vms/300"), ["VM.PowerMgmt"]);
    assert.deepEqual(on("bob@pve", "/storage/other"), ["VM.PowerMgmt"]);
    assert.deepEqual(on("ann@pve", "/vms/400"), []);
    assert.deepEqual(on("bob@pve", "/vms/400"), ["VM.PowerMgmt"]);
  });

  it("gives a pool's roles on its members", () => {
    assert.deepEqual(on("bob@pve", "/vms/500"), ["Pool.Audit", "VM.Allocate"]);
    assert.deepEqual(on("bob@pve", "/storage/local"), [
      "Pool.Audit",
      "VM.Allocate",
      "VM.PowerMgmt",
    ]);
    assert.deepEqual(on("bob@pve", "/vms/502"), []);
  });

  it("gives a token its user's privileges, or with privsep what both have (docs/proxmox/permissions.md 3)", () => {
    assert.deepEqual(on("ann@pve!same", "/vms/100"), on("ann@pve", "/vms/100"));
    // The token has Reader and Starter everywhere, but never more than its user.
    assert.deepEqual(on("ann@pve!own", "/vms/100"), ["Sys.Audit", "VM.Audit"]);
    assert.deepEqual(on("ann@pve!own", "/vms/200"), ["VM.PowerMgmt"]);
    assert.deepEqual(on("ann@pve!own", "/nodes/pve1"), []);
    assert.deepEqual(on("ann@pve!unknown", "/vms/100"), []);
  });

  it("gives root@pam every privilege, and its tokens too unless they are separated", () => {
    assert.equal(on("root@pam", "/anything").length, PRIVILEGES.length);
    assert.equal(on("root@pam!all", "/anything").length, PRIVILEGES.length);
  });
});
