/** Declares what `resources.json` beside this file lists. */
"use strict";
const proxmoxve = require("@muhlba91/pulumi-proxmoxve");
const command = require("@pulumi/command");

const types = { container: proxmoxve.ContainerLegacy, command: command.remote.Command };
for (const { type, name, inputs } of require("./resources.json")) new types[type](name, inputs);
