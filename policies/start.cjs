/** Where Pulumi enters the pack. Types are for `make check`; Pulumi's own way checks them at every run. */
"use strict";
require("../loader.cjs");
require("./index.ts");
