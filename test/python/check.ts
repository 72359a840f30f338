/**
 * Whether a snippet is Python that could run: it parses; each name is defined before it is used; each attribute, function and
 * keyword argument is one that the libraries have (`libraries.ts`); each hook point is one of the model's. Nothing is run.
 */
import type { SyntaxNode } from "@lezer/common";
import { parser } from "@lezer/python";
import { hookNames } from "../../src/core/hooks.ts";
import { BUILTINS, IMPORTS, MEMBERS, type Members, OBJECTS } from "./libraries.ts";

/** What is wrong with it, in words; [] if nothing is. */
export function pythonProblems(code: string, { n_layer }: { n_layer: number }): string[] {
  const checker = new Checker(code, new Set([...hookNames({ n_layer }), ...inputHooks(n_layer)]));
  return checker.problems;
}

/** @throws Error with all that is wrong, and the code with line numbers */
/** Hook points that TransformerLens has where they are asked for (`set_use_split_qkv_input`, `set_use_hook_mlp_in`). */
const inputHooks = (n_layer: number): string[] =>
  Array.from({ length: n_layer }, (_, l) => l).flatMap((l) =>
    ["q_input", "k_input", "v_input", "mlp_in"].map((name) => `blocks.${l}.hook_${name}`),
  );

export function expectPython(code: string, config: { n_layer: number } = { n_layer: 4 }): void {
  const problems = pythonProblems(code, config);
  if (problems.length === 0) return;
  const numbered = code.split("\n").map((line, i) => `${String(i + 1).padStart(3)} ${line}`);
  throw new Error(`${problems.join("\n")}\n\n${numbered.join("\n")}`);
}

/** The texts of a snippet's plain string literals, as Python would read them, in order. */
export function pythonStrings(code: string): string[] {
  const found: string[] = [];
  parser.parse(code).iterate({
    enter: ({ name, from, to }) => {
      if (name === "String") found.push(readString(code.slice(from, to)));
    },
  });
  return found;
}

/** A one-line literal in double or single quotes. @throws Error for an escape that Python does not have */
export function readString(literal: string): string {
  const quote = literal[0];
  if ((quote !== '"' && quote !== "'") || literal.at(-1) !== quote || literal.length < 2) {
    throw new Error(`no plain string literal: ${literal}`);
  }
  return literal.slice(1, -1).replace(ESCAPE, (escape, ...groups: (string | undefined)[]) => {
    const hex = groups.slice(0, 3).find((digits) => digits !== undefined);
    if (hex !== undefined) return String.fromCodePoint(parseInt(hex, 16));
    const plain = PLAIN[escape[1]!];
    if (plain === undefined) throw new Error(`Python has no escape ${escape} in ${literal}`);
    return plain;
  });
}
const ESCAPE = /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|[^])/g;
const PLAIN: Record<string, string> = {
  ...{ n: "\n", r: "\r", t: "\t", "\\": "\\", '"': '"', "'": "'" },
};

const HOOK = /^(blocks\.|hook_|ln_final\.)/;
/** "cache_b", "sae_2" → "cache", "sae". */
const baseName = (name: string): string => name.replace(/_(a|b|\d+|corrupted|clean)$/, "");

class Checker {
  readonly problems: string[] = [];
  readonly #code: string;
  readonly #hooks: ReadonlySet<string>;
  /** Names of the module, and what keyword arguments those that are imported take. */
  readonly #globals = new Map<string, readonly string[] | null>();
  /** Function bodies, read when the module's names are all known. */
  readonly #later: (() => void)[] = [];

  constructor(code: string, hooks: ReadonlySet<string>) {
    this.#code = code;
    this.#hooks = hooks;
    const tree = parser.parse(code);
    tree.iterate({
      enter: (node) => {
        if (node.type.isError) this.#say(node.from, "does not parse");
      },
    });
    for (const line of code.split("\n")) {
      if (/\t|\s$/.test(line)) this.problems.push(`tab or space at a line's end: ${line}`);
    }
    if (this.problems.length === 0) this.#visit(tree.topNode, []);
    for (const read of this.#later) read();
  }

  #say(at: number, what: string): void {
    const line = this.#code.slice(0, at).split("\n").length;
    this.problems.push(`line ${line}: ${what}`);
  }
  #text = ({ from, to }: { from: number; to: number }): string => this.#code.slice(from, to);

  #define(name: string, scopes: Set<string>[], keywords: readonly string[] | null = null): void {
    const innermost = scopes.at(-1);
    if (innermost) innermost.add(name);
    else this.#globals.set(name, keywords);
  }

  #visit(node: SyntaxNode, scopes: Set<string>[]): void {
    switch (node.name) {
      case "ImportStatement":
        this.#import(node, scopes);
        return;
      case "FunctionDefinition":
      case "LambdaExpression":
        this.#function(node, scopes);
        return;
      case "AssignStatement":
        this.#assign(node, scopes);
        return;
      case "ForStatement":
        this.#for(node, scopes);
        return;
      case "ArrayComprehensionExpression":
      case "ComprehensionExpression":
      case "SetComprehensionExpression":
      case "DictionaryComprehensionExpression":
        this.#comprehension(node, [...scopes, new Set()]);
        return;
      case "WithStatement":
        this.#with(node, scopes);
        return;
      case "VariableName":
        this.#name(node, scopes);
        return;
      case "MemberExpression":
        this.#member(node, scopes);
        return;
      case "CallExpression":
        this.#call(node, scopes);
        return;
      case "String":
        try {
          this.#string(node, readString(this.#text(node)));
        } catch (e) {
          this.#say(node.from, (e as Error).message);
        }
        return;
      case "FormatString":
        this.#formatString(node, scopes);
        return;
      default:
        for (const child of children(node)) this.#visit(child, scopes);
    }
  }

  #import(node: SyntaxNode, scopes: Set<string>[]): void {
    const text = this.#text(node);
    const from = /^from ([\w.]+) import (.+)$/.exec(text);
    const whole = /^import ([\w.]+)( as \w+)?$/.exec(text);
    const source = from?.[1] ?? whole?.[1] ?? "";
    const known = IMPORTS[source];
    if (!known) {
      this.#say(node.from, `cannot be imported: ${text}`);
      return;
    }
    for (const item of from ? from[2]!.split(", ") : [source + (whole?.[2] ?? "")]) {
      const [, name = "", as] = /^(\w+)(?: as (\w+))?$/.exec(item) ?? [];
      if (!Object.hasOwn(known, name)) this.#say(node.from, `${source} has no ${item}`);
      this.#define(as ?? name, scopes, known[name] ?? null);
    }
  }

  #function(node: SyntaxNode, scopes: Set<string>[]): void {
    const own = new Set<string>();
    const name = node.name === "FunctionDefinition" ? node.getChild("VariableName") : null;
    if (name) this.#define(this.#text(name), scopes);
    let inDefault = false;
    for (const child of children(node.getChild("ParamList")!)) {
      if (child.name === "AssignOp") inDefault = true;
      else if (child.name === ",") inDefault = false;
      else if (inDefault) this.#visit(child, scopes);
      else if (child.name === "VariableName") own.add(this.#text(child));
    }
    const body = node.lastChild!;
    if (name) this.#later.push(() => this.#visit(body, [...scopes, own]));
    else this.#visit(body, [...scopes, own]);
  }

  #assign(node: SyntaxNode, scopes: Set<string>[]): void {
    const parts = children(node);
    const last = parts.findLastIndex(({ name }) => name === "AssignOp");
    for (const value of parts.slice(last + 1)) this.#visit(value, scopes);
    for (const target of parts.slice(0, last)) this.#target(target, scopes);
  }

  #target(node: SyntaxNode, scopes: Set<string>[]): void {
    if (node.name === "VariableName") this.#define(this.#text(node), scopes);
    else if (/^(Tuple|Array)Expression$/.test(node.name)) {
      for (const child of children(node)) this.#target(child, scopes);
    } else if (node.name === "MemberExpression") this.#visit(node, scopes);
  }

  #for(node: SyntaxNode, scopes: Set<string>[]): void {
    const parts = children(node);
    const at = parts.findIndex(({ name }) => name === "in");
    const body = parts.findIndex(({ name }) => name === "Body");
    for (const iterable of parts.slice(at + 1, body)) this.#visit(iterable, scopes);
    for (const target of parts.slice(1, at)) this.#target(target, scopes);
    for (const rest of parts.slice(body)) this.#visit(rest, scopes);
  }

  /** What comes first uses the names that come after it. */
  #comprehension(node: SyntaxNode, scopes: Set<string>[]): void {
    const parts = children(node);
    const start = parts.findIndex(({ name }) => name === "for");
    let targets = false;
    for (const part of parts.slice(start)) {
      if (part.name === "for") targets = true;
      else if (part.name === "in") targets = false;
      else if (targets) this.#target(part, scopes);
      else this.#visit(part, scopes);
    }
    for (const part of parts.slice(0, start)) this.#visit(part, scopes);
  }

  #with(node: SyntaxNode, scopes: Set<string>[]): void {
    let target = false;
    for (const child of children(node)) {
      if (target) this.#target(child, scopes);
      else this.#visit(child, scopes);
      target = child.name === "as";
    }
  }

  #name(node: SyntaxNode, scopes: Set<string>[]): void {
    const name = this.#text(node);
    const known =
      scopes.some((scope) => scope.has(name)) ||
      this.#globals.has(name) ||
      Object.hasOwn(BUILTINS, name);
    if (!known) this.#say(node.from, `${name} is not defined`);
  }

  #member(node: SyntaxNode, scopes: Set<string>[]): void {
    const [object, ...rest] = children(node);
    this.#visit(object!, scopes);
    const property = node.getChild("PropertyName");
    if (!property) {
      for (const child of rest) this.#visit(child, scopes);
      return;
    }
    const name = this.#text(property);
    const members = this.#membersOf(object!);
    if (!Object.hasOwn(members, name)) {
      this.#say(node.from, `${this.#text(object!)} has no attribute ${name}`);
    }
  }

  #membersOf(object: SyntaxNode): Members {
    const path = this.#text(object);
    if (!/^[\w.]+$/.test(path)) return MEMBERS;
    const [first = "", ...rest] = path.split(".");
    return OBJECTS[[baseName(first), ...rest].join(".")] ?? MEMBERS;
  }

  #call(node: SyntaxNode, scopes: Set<string>[]): void {
    const called = node.firstChild!;
    this.#visit(called, scopes);
    const keywords = this.#keywordsOf(called, scopes);
    const parts = children(node.getChild("ArgList")!);
    parts.forEach((part, i) => {
      if (part.name === "VariableName" && parts[i + 1]?.name === "AssignOp") {
        const keyword = this.#text(part);
        if (keywords !== null && !keywords.includes(keyword)) {
          this.#say(part.from, `${this.#text(called)} takes no argument ${keyword}`);
        }
      } else this.#visit(part, scopes);
    });
  }

  /** null: not known, as of a function of the snippet's own. */
  #keywordsOf(called: SyntaxNode, scopes: Set<string>[]): readonly string[] | null {
    const property = called.name === "MemberExpression" ? called.getChild("PropertyName") : null;
    if (property) return this.#membersOf(called.firstChild!)[this.#text(property)] ?? null;
    const name = this.#text(called);
    if (name === "model")
      return OBJECTS["model"]!["run_with_hooks"]!.filter((k) => !k.includes("hook"));
    if (scopes.some((scope) => scope.has(name))) return null;
    return this.#globals.has(name) ? this.#globals.get(name)! : (BUILTINS[name] ?? null);
  }

  #string(node: SyntaxNode, text: string): void {
    // "hook_z" alone is how SAELens is told that a token has its heads on an axis of their own.
    if (HOOK.test(text) && text !== "hook_z" && !this.#hooks.has(text)) {
      this.#say(node.from, `the model has no hook point ${text}`);
    }
  }

  /** A number stands in for what is put in: f"blocks.{layer}.hook_resid_post" is a hook if it is one in block 0. */
  #formatString(node: SyntaxNode, scopes: Set<string>[]): void {
    let text = "";
    let at = node.from + 2;
    for (const part of children(node)) {
      if (part.name !== "FormatReplacement") continue;
      text += `${this.#code.slice(at, part.from)}0`;
      at = part.to;
      for (const child of children(part)) this.#visit(child, scopes);
    }
    this.#string(node, text + this.#code.slice(at, node.to - 1));
  }
}

function children(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
}
