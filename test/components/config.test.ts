import assert from "node:assert/strict";

import * as pulumi from "@pulumi/pulumi";

import { loadConfig } from "../../config";

/** Why the configuration is refused. */
function refusalOf(
  values: Readonly<Record<string, string>>,
  access: Readonly<Record<string, string>> = {},
): string {
  const project = new pulumi.Config().name;
  const all = Object.entries(values).map(([key, value]) => [`${project}:${key}`, value] as const);
  pulumi.runtime.setAllConfig({ ...Object.fromEntries(all), ...access });
  try {
    loadConfig();
  } catch (error) {
    if (error instanceof Error) return error.message.replaceAll(`${project}:`, "");
    throw error;
  } finally {
    pulumi.runtime.setAllConfig({});
  }
  return assert.fail("it is accepted");
}

describe("the keys next to the site", () => {
  it("are refused where they are unknown, with the one that was probably meant", () => {
    const refusal = refusalOf({ consolePasword: "s3cret" });
    assert.match(refusal, /- consolePasword: is not a key here\. Did you mean consolePassword\?$/m);
    assert.doesNotMatch(refusal, /s3cret/);
  });

  it("are refused where no API can be reached by them, without the token's value", () => {
    const access = {
      "proxmoxve:endpoint": "http://pve:8006",
      "proxmoxve:apiToken": "root@pam:s3cret",
    };
    const refusal = refusalOf({}, access);
    assert.match(
      refusal,
      /proxmoxve:endpoint: "http:\/\/pve:8006" is not an HTTPS address\. Set it/,
    );
    assert.match(refusal, /proxmoxve:apiToken: is not an API token, .*Set it/);
    assert.doesNotMatch(refusal, /s3cret/);
  });

  it("are refused with a value of another type, together with all other problems", () => {
    const refusal = refusalOf({ watch: "maybe", site: "apps", basicAuth: "alice" });
    assert.match(refusal, /- watch: "maybe" is not true or false\.$/m);
    assert.match(refusal, /- site: is text, which is not a mapping\. /);
    assert.match(refusal, /basicAuth: is text, which is not a mapping\. /);
    assert.match(refusal, /sshPrivateKey: is missing\. /);
  });
});
