// One resource of each plugin, for engine.test.ts, and commands by SSH, for transfer.test.ts.
import * as proxmoxve from "@muhlba91/pulumi-proxmoxve";
import { local, remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();

const echo = new local.Command("echo", {
  create: "cat; echo shown >&2",
  stdin: config.requireSecret("word"),
});

class Doubled extends pulumi.dynamic.Resource {
  declare readonly twice: pulumi.Output<string>;

  constructor(name: string, word: pulumi.Input<string>) {
    const create = (inputs: { word: string }) =>
      Promise.resolve({ id: "1", outs: { twice: inputs.word + inputs.word } });
    super({ create }, name, { word, twice: undefined });
  }
}

// Nothing answers on this port: what is only previewed must not connect.
const proxmox = new proxmoxve.Provider("proxmox", {
  endpoint: "https://127.0.0.1:9",
  apiToken: "pulumi@pve!test=00000000-0000-4000-8000-000000000000",
});
const bridge = config.get("bridge");
if (bridge !== undefined) {
  new proxmoxve.network.linux.Bridge(
    "bridge",
    { name: bridge, nodeName: "pve1" },
    { provider: proxmox },
  );
}

const server = config.getSecretObject<{ port: number; hostKey: string; privateKey: string }>(
  "server",
);
if (server !== undefined) {
  new remote.Command("remote", {
    connection: server.apply((given) => ({ host: "127.0.0.1", dialErrorLimit: 1, ...given })),
    create: "cat",
    delete: "true",
    stdin: "hello",
    logging: "stderr",
    addPreviousOutputInEnv: false,
    triggers: ["first"],
  });
}

export const said = echo.stdout;
export const twice = new Doubled("doubled", echo.stdout).twice;
