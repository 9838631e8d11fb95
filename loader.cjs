/**
 * Loads the TypeScript programs of this project (the site and its policies) with less work than Pulumi's
 * own way. A preview of 20 apps took so much processor time without each part, in ratio to the time with
 * all of them (medians of five interleaved rounds, Node 20, SDK 3.248 and 3.276):
 *
 *   packages loaded late      1.24   1.17    of which typescript and @npmcli/arborist are nearly all
 *   promises without a stack  1.19   1.21
 *   no debug messages         1.11   1.11
 *   packages not through tsx  1.05   1.04
 *
 * None of it is needed: a part whose package or function an SDK does not have is left out. PROXIMITY_DEBUG
 * keeps the stacks and the debug messages.
 */
"use strict";
const Module = require("node:module");

const sdk = require.resolve("@pulumi/pulumi");

/** The path of a package as the SDK finds it; undefined where it is not installed. */
function find(name) {
  try {
    return require.resolve(name, { paths: [sdk, __dirname] });
  } catch (error) {
    if (["MODULE_NOT_FOUND", "ERR_PACKAGE_PATH_NOT_EXPORTED"].includes(error.code))
      return undefined;
    throw error;
  }
}

/** Puts a stand-in in the place of a package, which is loaded when the first of its members is read. */
function loadLate(name) {
  const path = find(name);
  if (path === undefined || path in require.cache) return;
  const standIn = new Module(path);
  const load = () => {
    if (require.cache[path] === standIn) Reflect.deleteProperty(require.cache, path);
    return require(path);
  };
  // `__esModule` is what the import helpers of TypeScript ask every package for.
  const get = (_, key) => (key === "__esModule" ? true : load()[key]);
  standIn.exports = new Proxy({}, { get });
  standIn.loaded = true;
  require.cache[path] = standIn;
}

/** Replaces one function of a module of the SDK, if there is such a function and it can be replaced. */
function replace(name, key, make) {
  const path = find(name);
  const module = path === undefined ? {} : require(path);
  const { value, writable } = Object.getOwnPropertyDescriptor(module, key) ?? {};
  if (writable && typeof value === "function") module[key] = make(value);
}

// The SDK needs them for functions in the state and for programs that run Pulumi themselves.
for (const name of ["typescript", "@npmcli/arborist", "@pulumi/pulumi/automation"]) loadLate(name);

if (!process.env.PROXIMITY_DEBUG) {
  replace("@pulumi/pulumi/runtime/debuggable", "debuggablePromise", (original) => (...args) => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return original(...args);
    } finally {
      Error.stackTraceLimit = limit;
    }
  });
  replace("@pulumi/pulumi/log", "debug", () => () => Promise.resolve());
}

const loadJavaScript = Module._extensions[".js"];
require("tsx/cjs");
// Every .js file here belongs to a package and needs no compiler.
Module._extensions[".js"] = loadJavaScript;
