/**
 * Strict, type-aware linting, and the import arrows of ARCHITECTURE.md as rules: a folder may import only what is
 * listed for it here. test/architecture.test.ts checks the same over the real import graph, dynamic imports included.
 */
import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";
import { ARROWS } from "./scripts/arrows.mjs";

const FOLDERS = Object.keys(ARROWS);

const arrow = (folder) => {
  const others = FOLDERS.filter((other) => other !== folder && !ARROWS[folder].includes(other));
  const patterns = [
    {
      regex: `^(\\.\\./)+(${others.join("|")})/`,
      message: `src/${folder} may import only ${["itself", ...ARROWS[folder]].join(", ")}: see ARCHITECTURE.md.`,
    },
  ];
  if (folder !== "train") {
    patterns.push({ regex: "^@tensorflow/", message: "Only src/train may import TensorFlow.js." });
  }
  if (folder === "panels") {
    patterns.push(
      {
        // From a view inside a panel ("../x.ts") the panel's own files are one step up.
        regex: "^\\.\\./[^.]*/",
        message: "A panel never imports another panel: share through charts, ui or state.",
      },
      {
        regex: "/api/",
        allowTypeImports: true,
        message: "Panels act through the store; of the API they know the types.",
      },
    );
  }
  return {
    files: [`src/${folder}/**/*.{ts,tsx}`],
    rules: { "@typescript-eslint/no-restricted-imports": ["error", { patterns }] },
  };
};

const globals = (names) => Object.fromEntries(names.split(" ").map((name) => [name, "readonly"]));
const NODE = "process console fetch performance URL Buffer setTimeout clearTimeout globalThis";
/** In functions that the scripts hand to a page. */
const BROWSER =
  "window document location navigator caches crypto AbortController addEventListener requestAnimationFrame MutationObserver " +
  "PerformanceObserver CanvasRenderingContext2D GPUBuffer GPUMapMode";

export default defineConfig(
  globalIgnores(["dist/", "public/", "test-results/", "playwright-report/", "scripts/absent/"]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      // Numbers in messages are what they look like; anything else must be said how to be written.
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      // With noUncheckedIndexedAccess, `!` after an index is how a checked bound is said in numeric loops.
      "@typescript-eslint/no-non-null-assertion": "off",
      // Whole-file rules of the house: one name, no surprise.
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidOperator: true },
      ],
      "@typescript-eslint/no-meaningless-void-operator": "off", // `void x` also says "for its effect"
      "@typescript-eslint/no-empty-function": ["error", { allow: ["arrowFunctions"] }],
      "@typescript-eslint/prefer-promise-reject-errors": "off", // an abort's reason is passed on as it is
      "@typescript-eslint/no-unsafe-enum-assignment": "off", // there are no enums, and looking takes an eighth of all the time
      "@typescript-eslint/array-type": "off",
      "@typescript-eslint/consistent-type-definitions": "off",
      eqeqeq: "error",
      "no-console": "error",
    },
  },
  {
    files: ["src/**/*.tsx", "src/**/use-*.ts"],
    extends: [reactHooks.configs.flat.recommended],
  },
  ...FOLDERS.map(arrow),
  {
    files: ["test/**/*.{ts,tsx}"],
    rules: {
      "@typescript-eslint/no-unsafe-assignment": "off", // JSON fixtures
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unnecessary-condition": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/require-await": "off", // fakes of what is asynchronous in the app
      "no-empty-pattern": "off", // Playwright's fixtures without dependencies
      "no-console": "off",
    },
  },
  {
    files: ["**/*.{js,mjs}"],
    languageOptions: { globals: { ...globals(NODE), ...globals(BROWSER) } },
  },
);
