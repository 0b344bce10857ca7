import js from "@eslint/js";
import tseslint from "typescript-eslint";

// Rules that need an exception name the one file that may do it: the "door".
const door = (selector, message) => ({ selector, message });
const noInterval = door(
  "CallExpression[callee.name='setInterval']",
  "A loop sleeps through clock.sleep(ms, signal).",
);
const noDefaultExport = door("ExportDefaultDeclaration", "Named exports only.");
const commands = door(
  "MemberExpression[object.property.name='commands'][property.name='registerCommand'], MemberExpression[object.name='commands'][property.name='registerCommand']",
  "Commands are registered in ui/commands.ts only.",
);
const configuration = door(
  "MemberExpression[property.name='getConfiguration']",
  "Settings are read in host/settings.ts only.",
);
const secrets = door(
  "MemberExpression[property.name='secrets']",
  "Secrets are touched in host/secretTokens.ts only.",
);
const messages = door(
  "MemberExpression[property.name=/^show(Information|Warning|Error)Message$/]",
  "Messages are shown through ui/messages.ts only, which hides what is secret.",
);
const spawn = [
  {
    name: "node:child_process",
    message: "Processes are started in runtime/keeper or a sandbox launcher only.",
  },
  { name: "child_process", message: "Use the node: prefix, in the allowed files only." },
];
const doors = [noInterval, noDefaultExport, commands, configuration, secrets, messages];
const without = (...open) => ["error", ...doors.filter((one) => !open.includes(one))];

export default tseslint.config(
  {
    ignores: [
      "dist/**",
      "node_modules/**",
      "test/host/node_modules/**",
      "test/host/oldest/node_modules/**",
      "demo-output/**",
      "test-results/**",
    ],
  },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ["./tsconfig.json", "./src/webview/tsconfig.json", "./test/tsconfig.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      curly: ["error", "multi-line"],
      eqeqeq: "error",
      "no-console": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/consistent-type-definitions": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-restricted-syntax": without(),
      "no-restricted-imports": ["error", { paths: spawn }],
    },
  },
  { files: ["src/ui/commands.ts"], rules: { "no-restricted-syntax": without(commands) } },
  { files: ["src/host/settings.ts"], rules: { "no-restricted-syntax": without(configuration, messages) } },
  { files: ["src/ui/messages.ts"], rules: { "no-restricted-syntax": without(messages) } },
  { files: ["src/host/secretTokens.ts"], rules: { "no-restricted-syntax": without(secrets) } },
  {
    files: ["src/runtime/keeper/*.ts", "src/sandbox/launch.ts"],
    rules: { "no-restricted-imports": "off" },
  },
  {
    files: ["test/**/*.ts"],
    rules: {
      "no-restricted-imports": "off",
      "no-restricted-syntax": ["error", noInterval],
      "@typescript-eslint/no-unused-expressions": "off",
    },
  },
  {
    files: ["**/*.mjs", "**/*.cjs", "**/*.js"],
    languageOptions: {
      globals: {
        process: "readonly",
        console: "readonly",
        URL: "readonly",
        Buffer: "readonly",
        fetch: "readonly",
        setTimeout: "readonly",
        clearTimeout: "readonly",
        AbortSignal: "readonly",
        AbortController: "readonly",
      },
    },
  },
);
