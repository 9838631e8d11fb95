/**
 * How the programs here are loaded, with half the work that Pulumi's own way takes at each run. tsx keeps
 * what it compiled, where Pulumi compiles every file anew with all of TypeScript. Two large packages that
 * the SDK loads are for functions in the state, which these programs have none of: they are loaded when
 * somebody first asks for them. And the stack that every promise keeps for the search for leaks is not
 * looked up in source maps.
 */
"use strict";
const Module = require("node:module");

const sdk = require.resolve("@pulumi/pulumi");

/** Takes the place of a package of the SDK; `exports` gets how to load the real one. */
function defer(name, exports) {
  const path = require.resolve(name, { paths: [sdk] });
  if (path in require.cache) return;
  const standIn = new Module(path);
  const load = () => {
    if (require.cache[path] === standIn) Reflect.deleteProperty(require.cache, path);
    return require(path);
  };
  standIn.exports = exports(load);
  standIn.loaded = true;
  require.cache[path] = standIn;
}

defer("typescript", (load) => new Proxy({}, { get: (_, key) => load()[key] }));
defer("@npmcli/arborist", (load) => ({
  Arborist: function (...args) {
    return new (load().Arborist)(...args);
  },
}));

const written = Error.prepareStackTrace;
if (written !== undefined && !process.env.PULUMI_DEBUG_PROMISE_LEAKS) {
  Error.prepareStackTrace = (error, frames) =>
    frames[0]?.getFunctionName() === "debuggablePromise" ? "" : written(error, frames);
}

const ofJavaScript = Module._extensions[".js"];
require("tsx/cjs");
// All that is JavaScript here are packages, and tsx would look through every file of them.
Module._extensions[".js"] = ofJavaScript;
