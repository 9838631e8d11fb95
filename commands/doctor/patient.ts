/** What the doctor's checks share. */
import { once, skipped, type Finding } from "../checks";
import type { Stack } from "../stack";
import { lookAtNode, type NodeView } from "../status/view";

/** A stack, and what is asked of it once. */
export interface Patient {
  readonly stack: Stack;
  readonly view: () => Promise<NodeView>;
  /** This machine's clock, ms. */
  readonly now: () => number;
}

/** The patient of a stack. */
export function patientOf(stack: Stack): Patient {
  return { stack, view: once(() => lookAtNode(stack)), now: Date.now };
}

/** On the node, reached by SSH; while that fails the checks of what is there are skipped. */
export const onNode =
  (look: (view: NodeView, patient: Patient) => Finding | Promise<Finding>) =>
  async (patient: Patient): Promise<Finding> => {
    const view = await patient.view().catch(() => undefined);
    return view === undefined ? skipped("the node cannot be asked by SSH") : look(view, patient);
  };

/** Inside the appliance; skipped while it does not run. */
export const inAppliance = (
  look: (view: NodeView, patient: Patient) => Finding | Promise<Finding>,
) =>
  onNode((view, patient) => {
    const { vmid } = patient.stack.site.appliance;
    const state = view.guests.find((guest) => guest.vmid === vmid)?.state;
    return state === "running"
      ? look(view, patient)
      : skipped(`the appliance is ${state ?? "not there"}`);
  });
