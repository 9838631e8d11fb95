import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const project = join(__dirname, "..", "..");
const versionIn = (file: string): string | undefined =>
  /bpg\/terraform-provider-proxmox v(\S+)/.exec(readFileSync(join(project, file), "utf8"))?.[1];

describe("Terraform, which this program is compared with", () => {
  it("has the very provider that is behind Pulumi's", () => {
    const own = versionIn("toolchain/proxmoxve/go.mod");
    assert.match(own ?? "", /^\d+\.\d+\.\d+$/);
    assert.equal(versionIn("test/bench/peers/terraform/provider/go.mod"), own);
  });
});
