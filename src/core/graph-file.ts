/**
 * A feature circuit as the JSON that circuit-tracer writes and Neuronpedia's graph viewer reads, and back.
 * Source: circuit-tracer, `frontend/graph_models.py` and `utils/create_graph_files.py`; the required fields are those of
 * Neuronpedia's upload schema. Heads and MLPs have types of their own there; `effect`, `sae` and `glassroom` are ours beside theirs.
 */
import type { FeatureGraph, GraphLink, GraphNode, NodeKind, Supernode } from "./feature-circuit.ts";
import { LabError } from "./lab-error.ts";
import { quoted } from "./quoted.ts";

const TYPES: Record<NodeKind, string> = {
  ...{ token: "embedding", feature: "cross layer transcoder", error: "mlp reconstruction error" },
  ...{ head: "attention head", mlp: "mlp", logit: "logit" },
};
export const MOST_GRAPH_BYTES = 100e6; // Neuronpedia's
const MOST_NODES = 50_000;
const MOST_LINKS = 1_000_000;
const MOST_FILE_TOKENS = 4096;

/** (x + y)(x + y + 1)/2 + y: circuit-tracer's number of a feature. */
export const cantorPair = (x: number, y: number): number => ((x + y) * (x + y + 1)) / 2 + y;

/** @param clicked the id of the selected node, or "" @param labelOf a feature's label, "" without one */
export function writeGraph(
  graph: FeatureGraph,
  {
    clicked,
    labelOf,
    time,
  }: { clicked: string; labelOf: (node: GraphNode) => string; time: number },
): string {
  const { nodes, links, layers, scores, nodeShare, edgeShare } = graph;
  const file = {
    metadata: {
      slug: graph.slug,
      scan:
        graph.model.replace(/^.*\//, "") === "gpt2"
          ? "gpt2-small"
          : graph.model.replaceAll("/", "-"),
      transcoder_list: [...new Set(nodes.flatMap(({ sae }) => sae ?? []))],
      prompt_tokens: graph.tokens,
      prompt: graph.prompt,
      node_threshold: nodeShare,
      schema_version: 1,
      info: { generator: { name: "Glassroom" }, create_time_ms: time },
      pruning_settings: { node_threshold: nodeShare, edge_threshold: edgeShare },
      glassroom: { model: graph.model, layers, scores },
    },
    qParams: {
      linkType: "both",
      pinnedIds: graph.pinned,
      clickedId: clicked,
      supernodes: graph.supernodes.map(({ name, members }) => [name, ...members]),
      sg_pos: "",
    },
    nodes: nodes.map((node) => nodeFields(node, graph, labelOf(node))),
    links: links.map(({ source, target, weight }) => ({
      ...{ source: nodes[source]!.id, target: nodes[target]!.id, weight },
    })),
  };
  return `${JSON.stringify(file)}\n`;
}

function nodeFields(node: GraphNode, { tokens }: FeatureGraph, label: string) {
  const { id, kind, layer, pos, index } = node;
  const token = tokens[pos] ?? "";
  const [feature, shownLayer, jsNodeId, clerp] = {
    token: () => [pos, "E", `E_${index}-${pos}`, `Emb: "${token}"`] as const,
    feature: () => [cantorPair(layer, index), `${layer}`, `${layer}_${index}-0`, label] as const,
    error: () => [-1, `${layer}`, `${layer}_${pos}-0`, `Err: layer ${layer} "${token}"`] as const,
    head: () => [index, `${layer}`, `${layer}_H${index}-0`, label || node.label] as const,
    mlp: () => [-1, `${layer}`, `${layer}_MLP-0`, label || node.label] as const,
    logit: () => [index, `${layer + 1}`, `L_${index}-${pos}`, logitClerp(node)] as const,
  }[kind]();
  return {
    ...{ node_id: id, feature, layer: shownLayer, ctx_idx: pos, feature_type: TYPES[kind] },
    ...{
      token_prob: node.probability ?? 0,
      is_target_logit: false,
      run_idx: 0,
      reverse_ctx_idx: 0,
    },
    ...{ jsNodeId, clerp, influence: node.influence, activation: node.activation },
    ...{ effect: node.effect, sae: node.sae },
  };
}
const logitClerp = ({ label, probability }: GraphNode): string =>
  probability === null ? label : `Output "${label}" (p=${probability.toFixed(3)})`;

export interface ReadGraph {
  graph: FeatureGraph;
  clicked: string | null;
  /** Links to nodes that the file does not have. */
  lostLinks: number;
}

/** @throws LabError "bad-file" naming the field, what it is and what it should be */
export function readGraph(text: string): ReadGraph {
  const file = object(parse(text), "the file");
  const metadata = object(file["metadata"], "metadata");
  const tokens = list(metadata["prompt_tokens"], "metadata.prompt_tokens", MOST_FILE_TOKENS).map(
    (token, i) => string(token, `metadata.prompt_tokens[${i}]`),
  );
  const params = optionalObject(file["qParams"], "qParams");
  const own = optionalObject(metadata["glassroom"], "metadata.glassroom");
  const settings = optionalObject(metadata["pruning_settings"], "metadata.pruning_settings");
  const drafts = list(file["nodes"], "nodes", MOST_NODES).map((node, i) =>
    readNode(node, `nodes[${i}]`, tokens),
  );
  const inner = drafts.filter(({ kind }) => kind !== "logit" && kind !== "token");
  const deepest = inner.reduce((most, { layer }) => Math.max(most, layer), -1);
  const layers = wholeOr(own["layers"], "metadata.glassroom.layers", deepest + 1);
  if (layers <= deepest || layers > 10_000) {
    wrong("metadata.glassroom.layers", layers, `more than the deepest node's ${deepest}`);
  }
  const nodes = drafts.map((node) => (node.kind === "logit" ? { ...node, layer: layers } : node));
  const numbers = new Map<string, number>();
  nodes.forEach(({ id }, i) => {
    if (numbers.has(id)) {
      wrong(`nodes[${i}].node_id`, id, "a name of its own: another node has it, too");
    }
    numbers.set(id, i);
  });
  let lostLinks = 0;
  const links = list(file["links"], "links", MOST_LINKS).flatMap((value, i): GraphLink[] => {
    const link = object(value, `links[${i}]`);
    const source = numbers.get(string(link["source"], `links[${i}].source`));
    const target = numbers.get(string(link["target"], `links[${i}].target`));
    const weight = number(link["weight"], `links[${i}].weight`);
    if (source !== undefined && target !== undefined) return [{ source, target, weight }];
    lostLinks++;
    return [];
  });
  const known = (ids: readonly string[]) => [...new Set(ids)].filter((id) => numbers.has(id));
  const clicked = params["clickedId"];
  return {
    lostLinks,
    clicked: typeof clicked === "string" && numbers.has(clicked) ? clicked : null,
    graph: {
      slug: string(metadata["slug"], "metadata.slug"),
      model:
        typeof own["model"] === "string" ? own["model"] : string(metadata["scan"], "metadata.scan"),
      prompt: string(metadata["prompt"], "metadata.prompt"),
      ...{ tokens, layers, nodes, links },
      nodeShare: shareOr(
        metadata["node_threshold"] ?? settings["node_threshold"],
        "metadata.node_threshold",
      ),
      edgeShare: shareOr(settings["edge_threshold"], "metadata.pruning_settings.edge_threshold"),
      scores: readScores(own["scores"]),
      pinned: known(strings(params["pinnedIds"], "qParams.pinnedIds")),
      supernodes: readSupernodes(params["supernodes"], known),
    },
  };
}

function readNode(value: unknown, at: string, tokens: readonly string[]): GraphNode {
  const node = object(value, at);
  const id = string(node["node_id"], `${at}.node_id`);
  const type = string(node["feature_type"], `${at}.feature_type`);
  const kind = kindOf(type);
  const pos = number(node["ctx_idx"], `${at}.ctx_idx`);
  if (!Number.isInteger(pos) || pos < 0 || pos >= tokens.length) {
    wrong(`${at}.ctx_idx`, pos, `a position of the ${tokens.length} tokens, from 0`);
  }
  const layer = kind === "token" ? -1 : Number(node["layer"]);
  if (!Number.isInteger(layer) || layer < -1 || layer > 10_000) {
    wrong(`${at}.layer`, node["layer"], `a whole number, or "E" of an embedding`);
  }
  const clerp = string(node["clerp"] ?? "", `${at}.clerp`);
  const told = node["feature"] ?? null;
  if (told !== null && !Number.isSafeInteger(told)) {
    wrong(`${at}.feature`, told, "a whole number or null");
  }
  const [, middle] = /^[E\d]+_H?(\d+)_\d+/.exec(id) ?? [];
  const index =
    kind === "error" || kind === "mlp"
      ? -1
      : middle === undefined
        ? Number(told ?? -1)
        : Number(middle);
  const probability = numberOr(node["token_prob"], `${at}.token_prob`);
  return {
    ...{ id, kind, layer, pos, index },
    sae:
      node["sae"] === undefined || node["sae"] === null ? null : string(node["sae"], `${at}.sae`),
    label: kind === "token" ? tokens[pos]! : kind === "logit" ? logitLabel(clerp) : clerp,
    activation: numberOr(node["activation"], `${at}.activation`),
    effect: numberOr(node["effect"], `${at}.effect`),
    influence: numberOr(node["influence"], `${at}.influence`),
    // Where it was not told, a difference of logits is 0 in the file.
    probability: kind === "logit" && probability !== 0 ? probability : null,
  };
}

/** 'Output " x" (p=0.312)' → " x". */
const logitLabel = (clerp: string): string =>
  /^Output "([^]*)" \(p=[^)]*\)$/.exec(clerp)?.[1] ?? clerp;

/** Of types that are not known, as those of other dictionaries, what stands in a layer is a feature. */
function kindOf(type: string): NodeKind {
  const own = (Object.keys(TYPES) as NodeKind[]).find((kind) => TYPES[kind] === type);
  return own ?? (/error/i.test(type) ? "error" : "feature");
}

function readScores(value: unknown): FeatureGraph["scores"] {
  if (value === undefined || value === null) return null;
  const scores = object(value, "metadata.glassroom.scores");
  const of = (name: string) => numberOr(scores[name], `metadata.glassroom.scores.${name}`);
  return { replacement: of("replacement"), completeness: of("completeness") };
}

function readSupernodes(value: unknown, known: (ids: readonly string[]) => string[]): Supernode[] {
  if (value === undefined || value === null) return [];
  return list(value, "qParams.supernodes", MOST_NODES).flatMap((group, i) => {
    const [name = "", ...members] = strings(group, `qParams.supernodes[${i}]`);
    const here = known(members);
    return here.length === 0 ? [] : [{ name, members: here }];
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const said = (cause as Error).message.slice(0, 120);
    throw new LabError("bad-file", `the file is no JSON (${said})`, { cause });
  }
}
function wrong(at: string, value: unknown, expected: string): never {
  throw new LabError("bad-file", `${at} is ${quoted(value)}, expected ${expected}`);
}
function object(value: unknown, at: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  return wrong(at, value, "an object");
}
const optionalObject = (value: unknown, at: string): Record<string, unknown> =>
  value === undefined || value === null ? {} : object(value, at);
function list(value: unknown, at: string, most: number): unknown[] {
  if (!Array.isArray(value)) return wrong(at, value, "a list");
  if (value.length > most) wrong(at, `${value.length} entries`, `at most ${most}`);
  return value;
}
const strings = (value: unknown, at: string): string[] =>
  value === undefined || value === null
    ? []
    : list(value, at, MOST_NODES).map((each, i) => string(each, `${at}[${i}]`));
const MOST_CHARACTERS = 1e6;
function string(value: unknown, at: string): string {
  if (typeof value === "string" && value.length <= MOST_CHARACTERS) return value;
  return wrong(
    at,
    value,
    `a text of at most ${MOST_CHARACTERS.toLocaleString("en-US")} characters`,
  );
}
function number(value: unknown, at: string): number {
  return typeof value === "number" && Number.isFinite(value) ? value : wrong(at, value, "a number");
}
const numberOr = (value: unknown, at: string): number | null =>
  value === undefined || value === null ? null : number(value, at);
function wholeOr(value: unknown, at: string, fallback: number): number {
  const found = numberOr(value, at) ?? fallback;
  return Number.isInteger(found) && found >= 0 ? found : wrong(at, value, "a whole number");
}
function shareOr(value: unknown, at: string): number {
  const found = numberOr(value, at) ?? 1;
  return found > 0 && found <= 1 ? found : wrong(at, value, "a share, more than 0 and at most 1");
}
