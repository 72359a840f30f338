/** Circuits as files: JSON that can be opened again, and DOT for Graphviz. */
import { isLoss } from "./acdc.ts";
import { edgeEnds, edgeName, parseEdge } from "./circuit.ts";
import type { CircuitView } from "./circuit-view.ts";
import { CORRUPTIONS, FIND_METHODS, type FoundCircuit, graphOf } from "./found-circuit.ts";
import { LabError } from "./lab-error.ts";
import { parseFormula } from "./metric-formula.ts";
import { TASK_METRICS } from "./task.ts";

const FORMAT = "glassroom-circuit";

/** Edges by name, as in ACDC; `scores` only where there are any. */
export function writeCircuit(found: FoundCircuit): string {
  const graph = graphOf(found);
  const { mask, scores, view, name, method, model, n_layer, n_head, task } = found;
  const { pairs, metric, formula, corruption, threshold, steps, savedAt } = found;
  const facts = {
    ...{ name, method, model, n_layer, n_head, task },
    ...{ pairs, metric, ...(formula && { formula }), corruption, threshold },
    ...{ ...(steps && { steps }), savedAt },
  };
  const edges: string[] = [];
  mask.forEach((kept, edge) => {
    if (kept) edges.push(edgeName(graph, edge));
  });
  const written = scores && {
    scores: Object.fromEntries(
      [...scores].flatMap((score, edge) =>
        Number.isNaN(score) ? [] : [[edgeName(graph, edge), score]],
      ),
    ),
  };
  return `${JSON.stringify({ format: FORMAT, version: 1, ...facts, edges, ...written, ...(view && { view }) }, null, 1)}\n`;
}

/** @param id of the circuit that is made @throws LabError "bad-file" that names what is wrong */
export function readCircuit(text: string, id: string): FoundCircuit {
  const refuse = (why: string): never => {
    throw new LabError("bad-file", `this is no circuit of this lab: ${why}`);
  };
  let file: Record<string, unknown>;
  try {
    const parsed: unknown = JSON.parse(text);
    file = typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return refuse("it is no JSON");
  }
  if (file["format"] !== FORMAT) {
    return refuse(`its “format” is ${JSON.stringify(file["format"] ?? null)}, not “${FORMAT}”`);
  }
  const size = (name: string): number => {
    const value = file[name];
    return typeof value === "number" && Number.isInteger(value) && value > 0 && value <= 200
      ? value
      : refuse(`“${name}” is ${JSON.stringify(value ?? null)}`);
  };
  const text_ = (name: string): string => {
    const value = file[name];
    return typeof value === "string" ? value : refuse(`“${name}” is no text`);
  };
  const one = <T extends string>(name: string, of: readonly T[]): T =>
    of.find((value) => value === file[name]) ??
    refuse(`“${name}” is ${JSON.stringify(file[name] ?? null)}, not one of ${of.join(", ")}`);
  const sizes = { n_layer: size("n_layer"), n_head: size("n_head") };
  const graph = graphOf(sizes);
  const mask = new Uint8Array(graph.edges);
  const names = file["edges"];
  if (!Array.isArray(names)) return refuse("“edges” is no list");
  const parsed = byName(sizes);
  for (const name of names) mask[parsed(String(name))] = 1;
  let scores: Float64Array | null = null;
  if (typeof file["scores"] === "object" && file["scores"] !== null) {
    scores = new Float64Array(graph.edges).fill(NaN);
    for (const [name, score] of Object.entries(file["scores"])) {
      scores[parsed(name)] =
        typeof score === "number" ? score : refuse(`the score of ${name} is no number`);
    }
  }
  const threshold = file["threshold"];
  return {
    ...{ id, name: text_("name"), method: one("method", FIND_METHODS), model: text_("model") },
    ...sizes,
    ...{ task: text_("task"), pairs: size("pairs"), metric: one("metric", TASK_METRICS) },
    ...(file["formula"] !== undefined && { formula: readable(text_("formula")) }),
    corruption: one("corruption", CORRUPTIONS),
    threshold: typeof threshold === "number" ? threshold : 0,
    ...(file["steps"] !== undefined && { steps: size("steps") }),
    ...{ scores, mask, savedAt: text_("savedAt") },
    ...(file["view"] !== undefined && { view: readView(file["view"], refuse) }),
  };
}

/** A formula as it is written. @throws LabError "bad-input" for one that cannot be read */
function readable(formula: string): string {
  parseFormula(formula);
  return formula;
}

/** How its graph was laid out. */
function readView(value: unknown, refuse: (why: string) => never): CircuitView {
  const record = (x: unknown, what: string) =>
    typeof x === "object" && x !== null && !Array.isArray(x)
      ? (x as Record<string, unknown>)
      : refuse(`${what} is no object`);
  const texts = (x: unknown, what: string): string[] =>
    Array.isArray(x) && x.every((each) => typeof each === "string")
      ? x
      : refuse(`${what} is no list of names`);
  const share = (x: unknown) => typeof x === "number" && x >= 0 && x <= 1;
  const { pins = {}, groups = [], hidden = [] } = record(value, "“view”");
  if (!Array.isArray(groups)) return refuse("“groups” of the view is no list");
  return {
    pins: Object.fromEntries(
      Object.entries(record(pins, "“pins” of the view")).map(([name, at]) => {
        const isPlace = Array.isArray(at) && at.length === 2 && at.every(share);
        return isPlace
          ? [name, [at[0], at[1]] as [number, number]]
          : refuse(`the pin of ${name} is not two shares from 0 to 1`);
      }),
    ),
    groups: groups.map((each) => {
      const { name, nodes } = record(each, "a group of the view");
      return typeof name === "string" && name !== ""
        ? { name, nodes: texts(nodes, `“nodes” of ${name}`) }
        : refuse("a group of the view has no name");
    }),
    hidden: texts(hidden, "“hidden” of the view"),
  };
}

/** Numbers of edges by name; made once, since a file may name tens of thousands. */
function byName(sizes: Pick<FoundCircuit, "n_layer" | "n_head">) {
  const graph = graphOf(sizes);
  const known = new Map<string, number>();
  for (const { node, channel, reads, firstEdge } of graph.receivers) {
    for (let s = 0; s < reads; s++) {
      const to = `${node.name}${channel ? `<${channel}>` : ""}`;
      known.set(`${graph.senders[s]!.name}->${to}`, firstEdge + s);
    }
  }
  return (name: string) => known.get(name) ?? parseEdge(graph, name);
}

/** A digraph in DOT, layers in ranks from the input up; width by |score|, dashed where the edge works against the answer. */
export function circuitDot(found: FoundCircuit): string {
  const graph = graphOf(found);
  const { senders, receivers } = graph;
  const kept = [...found.mask.keys()].filter((edge) => found.mask[edge]);
  const score = (edge: number) => found.scores?.[edge] ?? NaN;
  const most = kept.reduce((max, edge) => Math.max(max, Math.abs(score(edge)) || 0), 0);
  const nodes = new Map<string, number>();
  const lines = kept.map((edge) => {
    const { sender, receiver } = edgeEnds(graph, edge);
    const [from, { node, channel }] = [senders[sender]!, receivers[receiver]!];
    nodes.set(from.name, from.layer).set(node.name, node.layer);
    const value = score(edge);
    const marks = [
      ...(channel ? [`headlabel="${channel}"`] : []),
      ...(Number.isNaN(value) || most === 0
        ? []
        : [
            `penwidth=${(0.5 + 4.5 * Math.sqrt(Math.abs(value) / most)).toFixed(2)}`,
            `tooltip="${value.toPrecision(4)}"`,
            ...((isLoss(found.metric) ? value < 0 : value > 0) ? ["style=dashed"] : []),
          ]),
    ];
    return `  "${from.name}" -> "${node.name}"${marks.length > 0 ? ` [${marks.join(", ")}]` : ""};`;
  });
  const shape = (name: string) =>
    name.startsWith("a") ? "ellipse" : name.startsWith("m") ? "box" : "house";
  const title = found.name.replace(/["\\]/g, "'");
  return [
    `digraph "${title}" {`,
    "  rankdir=BT;",
    ...[...nodes.keys()].map((name) => `  "${name}" [shape=${shape(name)}];`),
    ...lines,
    "}",
    "",
  ].join("\n");
}
