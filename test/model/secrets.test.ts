import assert from "node:assert/strict";

import { checkSecrets, usersOf } from "../../model/secrets";
import { refuses } from "../support/problems";
import { full, minimal, site } from "../support/sites";

const appliance = (value: object) => ({ ...minimal, appliance: value });

describe("who may log in", () => {
  describe("the console's user", () => {
    refuses(
      "one without a console",
      appliance({ console: false, consoleUser: "keeper" }),
      "appliance.consoleUser",
      /no console to log in to/,
    );
    refuses(
      "root",
      appliance({ consoleUser: "root" }),
      "appliance.consoleUser",
      /of the system itself/,
    );
    refuses(
      "a name with blanks",
      appliance({ consoleUser: "a b" }),
      "appliance.consoleUser",
      /is not a user name/,
    );
  });

  describe("secrets", () => {
    const hash = `$2y$10$${"a".repeat(53)}`;
    const told = (consolePassword: string | undefined, basicAuth: unknown) =>
      checkSecrets({ consolePassword, basicAuth }, site(full)).map(
        ({ path, message }) => `${path}: ${message}`,
      );
    it("are accepted when all that the site needs is there", () => {
      assert.deepEqual(told("s3cret", { alice: hash, bob: hash }), []);
    });
    it("are accepted as htpasswd prints them, with the ends of its lines", () => {
      const piped = { alice: `${hash}\n\n`, bob: hash };
      assert.deepEqual(told("s3cret", piped), []);
      const users = usersOf({ consolePassword: undefined, basicAuth: piped });
      assert.deepEqual(users, { alice: hash, bob: hash });
    });
    it("are named when missing, with the command that sets them", () => {
      const found = told(undefined, { alice: hash });
      assert.equal(found.length, 2);
      assert.match(
        found.join("\n"),
        /apps\.wiki\.proxy\.auth: bob has no password hash.*pulumi config set --secret/,
      );
      assert.match(
        found.join("\n"),
        /proximity-lan:consolePassword: is missing.*pulumi config set --secret/,
      );
    });
    it("are never shown", () => {
      const found = told("pass\nword", { alice: "plain-password", bob: hash }).join("\n");
      assert.match(found, /proximity-lan:basicAuth\.alice: is not a bcrypt hash/);
      assert.match(found, /proximity-lan:consolePassword: has more than one line/);
      assert.doesNotMatch(found, /plain-password|pass\n/);
    });
  });
});
