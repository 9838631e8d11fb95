import assert from "node:assert/strict";

import { permissionOf } from "../../../lab/access/method-checks";
import { PRIVILEGES } from "../../../lab/access/privileges";
import { ROUTES } from "../../../lab/server/routes";
import { officialPermissions, RELEASES } from "../support/schemas";

describe("lab permissions: what each method asks for", () => {
  for (const release of RELEASES) {
    it(`is what the official schema ${release} says, for every route of the lab`, function () {
      const official = officialPermissions(release);
      if (official === undefined) this.skip();
      let compared = 0;
      for (const { method, path } of ROUTES) {
        const key = `${method} ${path}`;
        if (!official.has(key)) continue;
        assert.deepEqual(permissionOf(method, path), official.get(key), key);
        compared++;
      }
      assert.ok(compared >= 88, `${compared} routes compared`);
    });

    it(`names no privilege that the lab does not know, in ${release}`, function () {
      const official = officialPermissions(release);
      if (official === undefined) this.skip();
      const named = JSON.stringify([...official.values()]).match(
        /(?<=")(?:VM|Sys|Datastore|SDN|Pool|Mapping|Realm|User|Group|Permissions)\.[A-Za-z.]+(?=")/g,
      );
      assert.deepEqual(
        [...new Set(named)].filter((name) => !PRIVILEGES.includes(name)),
        [],
      );
    });
  }

  it("is root@pam alone where nothing is said", () => {
    assert.equal(permissionOf("POST", "/nodes/{node}/execute"), undefined);
    assert.equal(permissionOf("DELETE", "/nodes"), undefined);
  });
});
