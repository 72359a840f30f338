/**
 * A metric written as a formula of the others: numbers, + − * /, brackets, exp and ln, and the metrics by name, as in
 * "logitDiff - 0.5 * kl". It is evaluated with its slopes by each metric it names, so that gradients go through it.
 */
import { LabError } from "./lab-error.ts";
import { quoted } from "./quoted.ts";

/** What a formula may name; each is defined where the metrics are (`core/task.ts`). */
export const FORMULA_NAMES = ["logitDiff", "logProb", "prob", "probDiff", "rank", "kl"] as const;
export type FormulaName = (typeof FORMULA_NAMES)[number];
const FUNCTIONS = ["exp", "ln"] as const;
type Sign = "+" | "-" | "*" | "/";

export type Formula =
  | { kind: "number"; value: number }
  | { kind: "name"; name: FormulaName }
  | { kind: "of"; of: (typeof FUNCTIONS)[number]; inner: Formula }
  | { kind: "two"; sign: Sign; left: Formula; right: Formula };

const LONGEST = 200;
const PIECE = /\s*(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+|[A-Za-z]+|[-+*/()−×·÷])/y;
const SIGNS: Readonly<Record<string, Sign>> = { "−": "-", "×": "*", "·": "*", "÷": "/" };

/** @throws LabError "bad-input" naming what cannot be read, and where */
export function parseFormula(text: string): Formula {
  if (text.length > LONGEST) {
    throw new LabError(
      "bad-input",
      `the formula has ${text.length} characters, at most ${LONGEST}`,
    );
  }
  const pieces: { text: string; at: number }[] = [];
  for (PIECE.lastIndex = 0; text.slice(PIECE.lastIndex).trim() !== "";) {
    const rest = text.slice(PIECE.lastIndex);
    const at = PIECE.lastIndex + rest.search(/\S/) + 1;
    const found = PIECE.exec(text);
    if (!found) return refuse(quoted(rest.trim()[0]!), at);
    pieces.push({ text: SIGNS[found[1]!] ?? found[1]!, at });
  }
  let next = 0;
  const peek = () => pieces[next]?.text;
  const refuseHere = (): never =>
    next < pieces.length
      ? refuse(quoted(pieces[next]!.text), pieces[next]!.at)
      : refuse("its end", text.length + 1);

  const sum = (): Formula => {
    let left = product();
    while (peek() === "+" || peek() === "-") {
      const sign = pieces[next++]!.text as Sign;
      left = { kind: "two", sign, left, right: product() };
    }
    return left;
  };
  const product = (): Formula => {
    let left = factor();
    while (peek() === "*" || peek() === "/") {
      const sign = pieces[next++]!.text as Sign;
      left = { kind: "two", sign, left, right: factor() };
    }
    return left;
  };
  const factor = (): Formula => {
    const piece = peek();
    if (piece === undefined) return refuseHere();
    if (piece === "-") {
      next++;
      const zero: Formula = { kind: "number", value: 0 };
      return { kind: "two", sign: "-", left: zero, right: factor() };
    }
    if (piece === "(") return bracket();
    if (/^[\d.]/.test(piece)) {
      next++;
      return { kind: "number", value: Number(piece) };
    }
    const name = FORMULA_NAMES.find((each) => each === piece);
    if (name) {
      next++;
      return { kind: "name", name };
    }
    const of = FUNCTIONS.find((each) => each === piece);
    if (!of) return refuseHere();
    next++;
    return { kind: "of", of, inner: bracket() };
  };
  const bracket = (): Formula => {
    if (peek() !== "(") return refuseHere();
    next++;
    const inner = sum();
    if (peek() !== ")") return refuseHere();
    next++;
    return inner;
  };
  const found = sum();
  if (next < pieces.length) return refuseHere();
  if (namesIn(found).length === 0) {
    throw new LabError(
      "bad-input",
      `the formula names no metric; there are ${FORMULA_NAMES.join(", ")}`,
    );
  }
  return found;

  function refuse(what: string, at: number): never {
    throw new LabError(
      "bad-input",
      `the formula cannot be read at ${what} (character ${at}): write numbers, + - * /, brackets, exp(…), ln(…), and ${FORMULA_NAMES.join(", ")}`,
    );
  }
}

/** The metrics it names, each once. */
export function namesIn(formula: Formula): FormulaName[] {
  const found = new Set<FormulaName>();
  const walk = (part: Formula): void => {
    if (part.kind === "name") found.add(part.name);
    if (part.kind === "of") walk(part.inner);
    if (part.kind === "two") [part.left, part.right].forEach(walk);
  };
  walk(formula);
  return FORMULA_NAMES.filter((name) => found.has(name));
}

export interface FormulaValue {
  value: number;
  /** ∂ value / ∂ metric, of each that is named. */
  slopes: ReadonlyMap<FormulaName, number>;
}
/** @param of a metric's value */
export function evaluateFormula(formula: Formula, of: (name: FormulaName) => number): FormulaValue {
  const slopesOf = (...parts: [FormulaValue, times: number][]) => {
    const sum = new Map<FormulaName, number>();
    for (const [{ slopes }, times] of parts) {
      slopes.forEach((slope, name) => sum.set(name, (sum.get(name) ?? 0) + times * slope));
    }
    return sum;
  };
  const walk = (part: Formula): FormulaValue => {
    switch (part.kind) {
      case "number":
        return { value: part.value, slopes: new Map() };
      case "name":
        return { value: of(part.name), slopes: new Map([[part.name, 1]]) };
      case "of": {
        const inner = walk(part.inner);
        const value = part.of === "exp" ? Math.exp(inner.value) : Math.log(inner.value);
        const slope = part.of === "exp" ? value : 1 / inner.value;
        return { value, slopes: slopesOf([inner, slope]) };
      }
      case "two": {
        const [a, b] = [walk(part.left), walk(part.right)];
        switch (part.sign) {
          case "+":
            return { value: a.value + b.value, slopes: slopesOf([a, 1], [b, 1]) };
          case "-":
            return { value: a.value - b.value, slopes: slopesOf([a, 1], [b, -1]) };
          case "*":
            return { value: a.value * b.value, slopes: slopesOf([a, b.value], [b, a.value]) };
          case "/":
            return {
              value: a.value / b.value,
              slopes: slopesOf([a, 1 / b.value], [b, -a.value / b.value ** 2]),
            };
        }
      }
    }
  };
  return walk(formula);
}

/** What the metrics are told in; the others are pure numbers. */
const UNITS: Readonly<Partial<Record<FormulaName, string>>> = {
  ...{ logitDiff: "logits", logProb: "nats", kl: "nats" },
};
/** Of a product of units, each with its power. */
type Powers = ReadonlyMap<string, number>;

/** The unit of a formula's value: "" of a pure number; null of a sum of different units, like "logitDiff - 0.5 * kl". */
export function unitOf(formula: Formula): string | null {
  const powers = powersOf(formula);
  if (powers === null) return null;
  if (powers === "any") return "";
  const told = (sign: 1 | -1) =>
    [...powers]
      .filter(([, power]) => power * sign > 0)
      .map(([unit, power]) => (power * sign === 1 ? unit : `${unit}^${power * sign}`))
      .sort()
      .join("·");
  const [above, below] = [told(1), told(-1)];
  return below === "" ? above : `${above || "1"}/${below}`;
}

/** "any": of a number that is written, which is of the unit of what it is added to; null: of no one unit. */
function powersOf(part: Formula): Powers | "any" | null {
  if (part.kind === "number") return "any";
  if (part.kind === "name") {
    const unit = UNITS[part.name];
    return new Map(unit === undefined ? [] : [[unit, 1]]);
  }
  if (part.kind === "of") return powersOf(part.inner) === null ? null : new Map();
  const [a, b] = [powersOf(part.left), powersOf(part.right)];
  if (a === null || b === null) return null;
  if (part.sign === "+" || part.sign === "-") {
    if (a === "any") return b;
    return b === "any" || isSame(a, b) ? a : null;
  }
  if (a === "any" && b === "any") return "any";
  const sum = new Map(a === "any" ? [] : a);
  const times = part.sign === "*" ? 1 : -1;
  for (const [unit, power] of b === "any" ? [] : b) {
    sum.set(unit, (sum.get(unit) ?? 0) + times * power);
  }
  return new Map([...sum].filter(([, power]) => power !== 0));
}
const isSame = (a: Powers, b: Powers) =>
  a.size === b.size && [...a].every(([unit, power]) => b.get(unit) === power);

/** The formula as Python, each metric a variable of its name. */
export function formulaAsPython(formula: Formula): string {
  switch (formula.kind) {
    case "number":
      return String(formula.value).replace("e+", "e");
    case "name":
      return formula.name;
    case "of":
      return `(${formulaAsPython(formula.inner)}).${formula.of === "exp" ? "exp" : "log"}()`;
    case "two":
      return `(${formulaAsPython(formula.left)} ${formula.sign} ${formulaAsPython(formula.right)})`;
  }
}
