import * as pulumi from "@pulumi/pulumi";

/** One resource as the engine would have got it. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

const observations: Readonly<Record<string, string>> = {
  "prox-appliance-services": '{"wanAddress":"192.168.1.150","lanAddress":"10.20.0.1"}',
};

/** Every resource that was registered since `startMocks`. */
export const recorded: Recorded[] = [];

/** Replaces the engine; call it before a component is made. */
export function startMocks(): void {
  recorded.length = 0;
  pulumi.runtime.setMocks(
    {
      newResource: (args) => {
        const { type, name } = args;
        const inputs = asRecord(args.inputs);
        recorded.push({ type, name, inputs });
        const stdout =
          observations[name] ??
          '{"address":"10.20.0.101","listening":true,"publicAddress":"","publicMac":"","openPorts":[]}';
        return { id: `${name}-id`, state: { ...inputs, stdout, stderr: "" } };
      },
      call: (args) => asRecord(args.inputs),
    },
    "proximity-lan",
    "dev",
    false,
  );
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** The plain value of an output. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

/** The recorded resource of that name, once it and all before it are registered. */
export async function resource(name: string): Promise<Recorded> {
  await pulumi.runtime.disconnect();
  const found = recorded.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no ${name} in ${recorded.map((r) => r.name).join()}`);
  return found;
}
