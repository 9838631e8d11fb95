/** What has to be read past: Lua, and more of anything than a quantifier of Perl takes. */
import { OPEN, refused, server, type Kind } from "./kind";

const lua = (block: string): Kind["before"] => server("listen 10.0.0.5:443;", block);
const opened = (block: string): string => server("listen 443;", "listen [::]:443;", block);
const luaCase = (name: string, block: string): Kind => ({
  name: `Lua: ${name}`,
  before: lua(block),
  after: opened(block),
  foreign: true,
});

const LUA: readonly Kind[] = [
  luaCase(
    "an argument before the brace",
    "set_by_lua_block $who { local t = { a = 1 } return t.a }",
  ),
  luaCase("an argument in quotes", `set_by_lua_block "$who" { return "}" }`),
  luaCase("the brace on the next line", "set_by_lua_block $who\n    {\n        return '}'\n    }"),
  luaCase("a comment with a quote", "access_by_lua_block { -- it's } { fine\n    }"),
  luaCase("a comment that begins with a quote", `access_by_lua_block { --"open }\n    }`),
  luaCase("a long comment", "access_by_lua_block { --[==[ } ]] } ]==] }"),
  luaCase("a long string", "access_by_lua_block { local s = [=[ }}} ]=] }"),
  luaCase("escapes in both kinds of quotes", `access_by_lua_block { ngx.say("\\"}", '\\'}') }`),
  luaCase("a listener within", "content_by_lua_block { listen 10.0.0.6:443; }"),
  luaCase("a minus, a bracket, an index", "content_by_lua_block { local x = a[b[1]] - -1 }"),
  luaCase("nested functions", "log_by_lua_block { local f = function() if x then y{} end end }"),
  luaCase(
    "more than a Perl quantifier takes",
    `access_by_lua_block { ${"-- x\n".repeat(70_000)} }`,
  ),
  refused(
    "Lua: a block that does not end",
    "server { access_by_lua_block { local s = '}' ",
    /not closed/,
  ),
];

const LONG = 70_000;
const LIMITS: readonly Kind[] = (
  [
    ["comment lines", "# x\n".repeat(LONG)],
    ["empty lines", "\n".repeat(LONG)],
    ["blanks and comments in turn", " #\n\t#\n".repeat(LONG)],
    ["a comment of one line", `# ${"x".repeat(LONG)}\n`],
  ] as const
).map(([name, text]) => ({
  name: `limit: ${name}`,
  before: `${text}${server("listen 10.0.0.5:443;")}`,
  after: `${text}${OPEN}`,
  // nginx has a limit too: 4096 bytes for one word or comment.
  ...(name === "a comment of one line" ? { foreign: true } : {}),
}));
const WORDS: readonly Kind[] = (
  [
    ["a quoted word", `return 200 "${"a b".repeat(LONG)}";`],
    ["a quoted word of escapes", `return 200 '${"\\'".repeat(LONG)}';`],
    ["a word", `return 200 ${"ab\\;".repeat(LONG)};`],
    ["a word of variables", `return 200 ${"${host}".repeat(LONG)};`],
  ] as const
).map(([name, line]) => ({
  name: `limit: ${name}`,
  before: server("listen 10.0.0.5:443;", line),
  after: server("listen 443;", "listen [::]:443;", line),
  foreign: true,
}));

/** All of them. */
export const READING: readonly Kind[] = [...LUA, ...LIMITS, ...WORDS];
