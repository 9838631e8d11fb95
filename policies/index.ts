/** The policy pack: each policy adapts one predicate of model/ to the resource it is about. */
import { PolicyPack, type ResourceValidationPolicy } from "@pulumi/policy";

import {
  hasNestingOnly,
  hasOneGateway,
  isUnprivileged,
  parseGuestInputs,
  type GuestRule,
} from "../model/guest-rules";

const containerType = "proxmoxve:index/containerLegacy:ContainerLegacy";

function containers(name: string, description: string, rule: GuestRule): ResourceValidationPolicy {
  return {
    name,
    description,
    enforcementLevel: "mandatory",
    validateResource: ({ type, props }, report) => {
      if (type !== containerType) return;
      for (const { path, message } of rule(parseGuestInputs(props))) report(`${path}: ${message}`);
    },
  };
}

new PolicyPack("proximity-lan", {
  policies: [
    containers("unprivileged", "Containers are unprivileged.", isUnprivileged),
    containers("nesting-only", "Containers have no feature but nesting.", hasNestingOnly),
    containers("one-gateway", "A guest has at most one default gateway.", hasOneGateway),
  ],
});
