import tseslint from "typescript-eslint";

const rooms = (from, ...forbidden) => ({
  files: [`${from}/**/*.ts`],
  rules: {
    "no-restricted-imports": ["error", { patterns: forbidden }],
  },
});

const room = (...names) => ({
  group: names.flatMap((name) => [`**/${name}`, `**/${name}/**`]),
  message: "Data flows one way: config -> model -> render -> components -> index (docs/adr/0001).",
});

const pulumi = {
  group: ["@pulumi/*", "@pulumi/*/**", "@muhlba91/*", "@muhlba91/*/**"],
  message: "This folder is plain data and text; resources belong in components/.",
};

const io = {
  group: ["fs", "node:fs", "node:fs/*", "child_process", "node:child_process"],
  message: "This folder is pure: it gets data and returns data.",
};

export default tseslint.config(
  { ignores: ["node_modules/", ".state/"] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: {
          allowDefaultProject: ["*.mjs", "*.cjs", "policies/*.cjs", "examples/*/*.cjs"],
        },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "max-lines": ["error", { max: 250, skipBlankLines: true, skipComments: true }],
      "max-lines-per-function": ["error", { max: 80, skipBlankLines: true, skipComments: true }],
      complexity: ["error", 12],
      "max-params": ["error", 4],
      "max-depth": ["error", 3],
      "no-restricted-syntax": [
        "error",
        {
          selector:
            "CallExpression[callee.property.name='apply'] :matches(ArrowFunctionExpression, FunctionExpression) NewExpression[callee.property.name!='RunError'][callee.name!='Set'][callee.name!='Map'][callee.name!='Error']",
          message:
            "No resource inside apply: preview would not show it. Names and counts come from Site.",
        },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: "only-allowed-literals" },
      ],
    },
  },
  { files: ["**/*.{mjs,cjs}", "appliance/**/*.js"], ...tseslint.configs.disableTypeChecked },
  { files: ["**/*.cjs"], rules: { "@typescript-eslint/no-require-imports": "off" } },
  rooms("model", pulumi, io, room("render", "components", "lab")),
  rooms("render", pulumi, io, room("components", "lab")),
  rooms("components", room("lab", "policies", "config")),
  rooms("policies", room("render", "components", "lab", "config")),
  // The lab has a file named config of its own (config.ts of a guest, in api/), so the root's is named exactly.
  rooms("lab", pulumi, room("model", "render", "components", "policies"), {
    regex: "^(\\.\\./)+config$",
    message: "The lab knows nothing of the program's configuration.",
  }),
  {
    files: ["test/**/*.ts"],
    rules: {
      "max-lines-per-function": "off",
      "@typescript-eslint/no-floating-promises": "off",
    },
  },
);
