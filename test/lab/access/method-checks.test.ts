import assert from "node:assert/strict";

import { permissionOf } from "../../../lab/access/method-checks";
import { PRIVILEGES } from "../../../lab/access/privileges";
import { ROUTES } from "../../../lab/server/routes";
import { loadSchema, RELEASES } from "../../../lab/schema/load";

describe("lab permissions: what each method asks for", () => {
  for (const release of RELEASES) {
    it(`is what the API schema of ${release} says, for every route of the lab`, () => {
      const schema = loadSchema(release);
      let compared = 0;
      for (const { method, path } of ROUTES) {
        const key = `${method} ${path}`;
        const described = schema.find(method, path);
        if (described === undefined) continue;
        assert.deepEqual(permissionOf(method, path), described.permissions, key);
        compared++;
      }
      assert.ok(compared >= 88, `${compared} routes compared`);
    });

    it(`names no privilege that the lab does not know, in ${release}`, () => {
      const { privileges } = loadSchema(release);
      assert.ok(privileges.length > 30);
      assert.deepEqual(
        privileges.filter((name) => !PRIVILEGES.includes(name)),
        [],
      );
    });
  }

  it("is root@pam alone where nothing is said", () => {
    assert.equal(permissionOf("POST", "/nodes/{node}/execute"), undefined);
    assert.equal(permissionOf("DELETE", "/nodes"), undefined);
  });
});
