/**
 * Where Pulumi enters the pack. Its own way checks the types of every file at every run, which `make check`
 * has done: two thirds of the pack's work.
 */
"use strict";
require("../sdk-light.cjs");
require("tsx/cjs");
require("./index.ts");
