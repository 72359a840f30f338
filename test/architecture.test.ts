/**
 * Keeps ARCHITECTURE.md true: what it names exists, and the import arrows hold over the real import graph, static and
 * dynamic imports alike. Also the house rules that no other tool checks.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { ARROWS, WORKER_ONLY } from "../scripts/arrows.mjs";

const ROOT = resolve(import.meta.dirname, "..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** Files under a folder, by their path from the root. */
const filesUnder = (folder: string, pattern: RegExp): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();

const SOURCES = filesUnder("src", /\.tsx?$/);

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

/** Every import, re-export, dynamic import and `new URL("…", import.meta.url)` of a file. */
function importsOf(from: string): Import[] {
  const file = ts.createSourceFile(from, read(from), ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean) => {
    if (specifier && ts.isStringLiteralLike(specifier)) {
      const to = specifier.text;
      if (to.endsWith("?worker&url")) return; // the address of a worker's script, not the script
      const path = /^\.{1,2}\//.test(to) ? relative(ROOT, resolve(ROOT, dirname(from), to)) : to;
      found.push({ from, to: path.replaceAll("\\", "/"), typeOnly });
    }
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const { importClause: clause } = node;
      const named = clause?.namedBindings;
      const onlyTypes =
        clause !== undefined &&
        (clause.phaseModifier === ts.SyntaxKind.TypeKeyword ||
          (!clause.name &&
            named !== undefined &&
            ts.isNamedImports(named) &&
            named.elements.every((element) => element.isTypeOnly)));
      add(node.moduleSpecifier, onlyTypes);
    } else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], false);
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, true);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

const IMPORTS = SOURCES.flatMap(importsOf);
/** `src/charts/line.tsx` → `charts`; a file directly in src/ has none. */
const folderOf = (path: string) => /^src\/([^/]+)\//.exec(path)?.[1];
const arrows: Record<string, readonly string[]> = ARROWS;

describe("import arrows", () => {
  it("reads the imports there are", () => {
    expect(IMPORTS.length).toBeGreaterThan(100);
    expect(
      IMPORTS.filter(({ to }) => to.startsWith("src/") && !existsSync(join(ROOT, to))),
    ).toEqual([]);
  });
  it("every folder has its list", () => {
    const folders = new Set(SOURCES.map(folderOf).filter((folder) => folder !== undefined));
    expect([...folders].filter((folder) => !(folder in arrows)).sort()).toEqual(
      ["styles", "sw"].filter((f) => folders.has(f)),
    );
  });
  it("no folder imports what is not in its list", () => {
    const wrong = IMPORTS.filter(({ from, to }) => {
      const source = folderOf(from);
      const target = folderOf(to);
      if (source === undefined || !to.startsWith("src/")) return false;
      return target !== source && !(arrows[source] ?? []).includes(target ?? "");
    });
    expect(wrong).toEqual([]);
  });
  it("panels know the API by its types alone, and no other panel", () => {
    const panel = (path: string) => /^src\/panels\/([^/]+)\//.exec(path)?.[1];
    const wrong = IMPORTS.filter(
      ({ from, to, typeOnly }) =>
        from.startsWith("src/panels/") &&
        ((folderOf(to) === "api" && !typeOnly) ||
          (to.startsWith("src/panels/") && panel(to) !== panel(from))),
    );
    expect(wrong).toEqual([]);
  });
  it("no files import each other in a circle; the store's type alone is known to the slices that it is made of", () => {
    const toStore = (i: Import) =>
      i.typeOnly && i.to === "src/state/store.ts" && i.from.startsWith("src/state/");
    const inside = IMPORTS.filter((i) => i.to.startsWith("src/") && !toStore(i));
    const left = new Set(SOURCES);
    const bound = () => inside.filter(({ from, to }) => left.has(from) && left.has(to));
    // Whatever imports nothing that is left stands on the ground, and is taken away, until nothing or a circle is left.
    for (let ground = [""]; ground.length > 0;) {
      const importers = new Set(bound().map(({ from }) => from));
      ground = [...left].filter((path) => !importers.has(path));
      for (const path of ground) left.delete(path);
    }
    expect([...left]).toEqual([]);
  });
  it("TensorFlow.js is imported by src/train alone", () => {
    const users = IMPORTS.filter(({ to }) => to.startsWith("@tensorflow/")).map(({ from }) =>
      folderOf(from),
    );
    expect([...new Set(users)].filter((folder) => folder !== "train")).toEqual([]);
  });
  it("the page reaches nothing that belongs to the worker", () => {
    const reached = new Set<string>();
    const walk = (path: string): void => {
      if (reached.has(path)) return;
      reached.add(path);
      for (const { from, to, typeOnly } of IMPORTS) if (from === path && !typeOnly) walk(to);
    };
    walk("src/main.tsx");
    expect(reached.size).toBeGreaterThan(20);
    expect([...reached].filter((path) => WORKER_ONLY.includes(folderOf(path) ?? ""))).toEqual([]);
    expect(
      [...reached].filter((path) => /^(onnx|@tensorflow|@huggingface\/transformers)/.test(path)),
    ).toEqual([]);
  });
});

describe("house rules", () => {
  const lines = (path: string) => read(path).split("\n").length - 1;
  it("no source file is longer than 300 lines", () => {
    expect(SOURCES.filter((path) => lines(path) > 300)).toEqual([]);
  });
  it("every source file says at its top what it is", () => {
    const bare = SOURCES.filter((path) => !/^(\/\*\*|\/\/)/.test(read(path)));
    expect(bare).toEqual([]);
  });
  it("nothing is left to be done, and no rule is switched off", () => {
    const marks =
      /\b(TODO|FIXME|XXX)\b|eslint-disable|@ts-(ignore|expect-error|nocheck)|\.(skip|only|fixme)\(/;
    const files = [
      ...SOURCES,
      ...filesUnder("test", /\.tsx?$/),
      ...filesUnder("scripts", /\.(ts|mjs)$/),
    ];
    const self = "test/architecture.test.ts";
    expect(files.filter((path) => path !== self && marks.test(read(path)))).toEqual([]);
  });
  it("no third-party address is in the source, but the Hub's and those of papers to open", () => {
    const allowed =
      /^https?:\/\/(huggingface\.co|[\w.-]+\.(invalid|example)|www\.w3\.org\/|arxiv\.org\/abs\/|transformer-circuits\.pub\/)/;
    const strings = SOURCES.flatMap((path) => {
      const code = read(path).replace(/\/\*[\s\S]*?\*\/|(?<=^|[\s;{}(,])\/\/.*$/gm, "");
      return [...code.matchAll(/https?:\/\/[^\s"'`)]+/g)].map(([url]) => ({ path, url }));
    });
    expect(strings.filter(({ url }) => !allowed.test(url))).toEqual([]);
  });
});

describe("ARCHITECTURE.md", () => {
  it("names only what exists", () => {
    const named = [
      ...read("ARCHITECTURE.md").matchAll(/`((?:src|test|scripts|public|\.ci)\/[^\s`*{}<>…]*)`/g),
    ].map(([, path]) => path!);
    expect(named.length).toBeGreaterThan(15);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
  it("names every folder of src/", () => {
    const text = read("ARCHITECTURE.md");
    const folders = new Set(SOURCES.map(folderOf).filter((folder) => folder !== undefined));
    expect([...folders].filter((folder) => !text.includes(`${folder}/`))).toEqual([]);
  });
});
