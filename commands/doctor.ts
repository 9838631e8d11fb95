/** Looks for what is wrong, at any time, and changes nothing: `doctor.ts STACK [--json]`. */
import { failed, report, runChecks } from "./checks";
import { doctorChecks } from "./doctor/checks";
import { patientOf } from "./doctor/patient";
import { readStack } from "./stack";

async function main(): Promise<void> {
  const [name = "dev", ...flags] = process.argv.slice(2);
  const json = flags.includes("--json");
  try {
    const patient = patientOf(readStack(name));
    report(await runChecks(doctorChecks, patient), json);
  } catch (error) {
    // Without a right declaration there is no telling what to look at.
    const seen = error instanceof Error ? error.message : String(error);
    const action = `Correct Pulumi.${name}.yaml; nothing else was looked at.`;
    report([{ name: "declaration", ...failed(seen, action) }], json);
  }
}

void main();
