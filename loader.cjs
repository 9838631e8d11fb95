/**
 * How the programs here are loaded, with half the work that Pulumi's own way takes at each run. tsx keeps
 * what it compiled, where Pulumi compiles every file anew with all of TypeScript. Packages that the SDK
 * loads for what these programs never do, such as functions in the state or stacks made by a program,
 * are loaded when somebody first asks for them. And the SDK keeps no stacks of promises and resources and
 * sends the engine no debug messages, except where PROXIMITY_DEBUG asks for them.
 */
"use strict";
const Module = require("node:module");

const sdk = require.resolve("@pulumi/pulumi");

/** Takes the place of a package; `exports` gets how to load the real one. */
function defer(name, exports) {
  const path = require.resolve(name, { paths: [sdk, __dirname] });
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

/** What looks like a package to the helpers of TypeScript's imports, and is one when it is used. */
const asked = (load) =>
  new Proxy({}, { get: (_, key) => (key === "__esModule" ? true : load()[key]) });

defer("typescript", asked);
defer("@pulumi/pulumi/automation", asked);
defer("@pulumi/pulumi/provider", asked);
defer(
  "normalize-package-data",
  (load) =>
    (...args) =>
      load()(...args),
);
defer("zod/v4/locales", asked);
defer("@npmcli/arborist", (load) => ({
  Arborist: function (...args) {
    return new (load().Arborist)(...args);
  },
}));

if (!process.env.PROXIMITY_DEBUG) quieten();

/** A sixth of the processor time of a preview of 50 apps. */
function quieten() {
  const debuggable = require("@pulumi/pulumi/runtime/debuggable");
  const { debuggablePromise } = debuggable;
  debuggable.debuggablePromise = (promise, context) => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = limit;
    }
  };
  require("@pulumi/pulumi/log").debug = () => Promise.resolve();
  require("@pulumi/pulumi/resource").Resource.callsites = () => [];
}

const ofJavaScript = Module._extensions[".js"];
require("tsx/cjs");
// All that is JavaScript here are packages, and tsx would look through every file of them.
Module._extensions[".js"] = ofJavaScript;
