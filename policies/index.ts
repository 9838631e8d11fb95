/** The policy pack: `pulumi preview --policy-pack policies`. */
import { PolicyPack } from "@pulumi/policy";

import { policies } from "./list";

new PolicyPack("proximity-lan", { policies: [...policies] });
