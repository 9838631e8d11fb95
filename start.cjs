/**
 * Where Pulumi enters the program. Its own way compiles every file anew at every run, with all of
 * TypeScript; tsx keeps what it compiled.
 */
"use strict";
require("./sdk-light.cjs");
require("tsx/cjs");
module.exports = require("./index.ts");
