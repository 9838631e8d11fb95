/**
 * A program of your own that works with what a stack of proximity-lan tells: here a monitor's list of targets.
 * `pulumi config set stack organization/proximity-lan/home` names the stack; both are in the same backend.
 */
"use strict";
const pulumi = require("@pulumi/pulumi");

const site = new pulumi.StackReference(new pulumi.Config().require("stack"));

const apps = site.getOutput("apps").apply((told = {}) => Object.entries(told));

// Names and meanings: docs/outputs.md and docs/outputs.schema.json.
exports.targets = apps.apply((all) =>
  Object.fromEntries(all.flatMap(([name, { url }]) => (url === undefined ? [] : [[name, url]]))),
);
exports.silent = apps.apply((all) =>
  all.flatMap(([name, { listening }]) => (listening === false ? [name] : [])),
);
exports.status = site.getOutput("statusUrl").apply((url) => url ?? null);
