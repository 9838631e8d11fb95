/** Looks for what is wrong, at any time, and changes nothing: `doctor STACK [--json]`. */
import { failed, report, runChecks } from "./checks";
import { doctorChecks } from "./doctor/checks";
import { patientOf } from "./doctor/patient";
import { main, messageOf } from "./main";
import { readStack } from "./stack";

async function examine(name: string, json: boolean): Promise<void> {
  try {
    const patient = patientOf(readStack(name));
    report(await runChecks(doctorChecks, patient), json);
  } catch (error) {
    // Without a valid declaration nothing says where to look.
    const action = `Correct Pulumi.${name}.yaml; nothing else was checked.`;
    report([{ name: "declaration", ...failed(messageOf(error), action) }], json);
  }
}

main({
  usage: "doctor STACK [--json]",
  options: { json: { type: "boolean", default: false } },
  positionals: [1, 1],
  run: ({ positionals: [stack = ""], flags: { json } }) => examine(stack, json),
});
