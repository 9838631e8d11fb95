/** Where Pulumi enters the program. */
"use strict";
require("./loader.cjs");
module.exports = require("./index.ts");
