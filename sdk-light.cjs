/**
 * Two large packages that Pulumi's SDK loads are for programs that put functions into their state. This
 * project has none, so they are loaded when somebody first asks for them: a second less at each run.
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
