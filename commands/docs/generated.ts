/** The documents that are made from code; a test holds each of them current. */
import { renderConfiguration } from "./configuration";
import { renderPolicies } from "./policies";
import { renderOutputs } from "./outputs";
import { renderOutputsSchema } from "./outputs-schema";
import { renderStackSchema } from "./stack-schema";
import { renderStatusSchema } from "./status-schema";

/** Path in the project and text of every such document. */
export function generated(): readonly { readonly path: string; readonly text: string }[] {
  return [
    { path: "docs/configuration.md", text: renderConfiguration() },
    { path: "docs/outputs.md", text: renderOutputs() },
    { path: "docs/outputs.schema.json", text: renderOutputsSchema() },
    { path: "docs/policies.md", text: renderPolicies() },
    { path: "docs/stack.schema.json", text: renderStackSchema() },
    { path: "docs/status.schema.json", text: renderStatusSchema() },
  ];
}
