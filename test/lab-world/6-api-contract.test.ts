import { apiContract } from "../lab/api-contract";
import { Client } from "../lab/support/client";
import { VERSIONS } from "../lab/support/schemas";
import { needRoot, TEMPLATE, TestLab } from "./support/labs";

const TRIAL = { vmid: 900, template: TEMPLATE, storage: "local-lvm", bridge: "vmbr0" };

describe("the lab's API over its world", function () {
  this.timeout(900_000);
  before(function () {
    needRoot(this);
  });

  for (const version of VERSIONS) {
    const make = () => {
      const lab = new TestLab("spec-api", 18900);
      lab.up("--version", version);
      const { api } = lab.status();
      const subject = { client: new Client(api), stranger: new Client(api, {}), node: "pve1" };
      const close = () => {
        lab.end();
        return Promise.resolve();
      };
      return Promise.resolve({ ...subject, trial: TRIAL, close });
    };
    apiContract(`LXC lab as ${version}`, make, { writes: true });
  }
});
