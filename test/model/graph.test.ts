/** The bytes of the graph, read back by the reference decoder of the ONNX format. */
import onnxProto, { type onnx as Onnx } from "onnx-proto";
import { expect, it } from "vitest";
import { hookNames } from "../../src/core/hooks.ts";
import { parseSafetensors } from "../../src/formats/safetensors.ts";
import { parseConfig } from "../../src/model/config.ts";
import { GraphBuilder, WEIGHT_FILE } from "../../src/model/graph-builder.ts";
import { buildGraph } from "../../src/model/graph.ts";
import { checkLayout } from "../../src/model/layout.ts";
import * as wire from "../../src/model/onnx-bytes.ts";
import { tinyCheckpoint } from "./tiny-checkpoint.ts";

// A CommonJS package whose types describe its named export.
const { onnx } = onnxProto as unknown as { onnx: typeof Onnx };
const sizes = { n_layer: 2, n_head: 3, n_embd: 6, n_positions: 5, vocab_size: 11, bos_token_id: 0 };

function decoded(dtype: "F32" | "F16") {
  const files = tinyCheckpoint(sizes, { dtype, prefix: "transformer." });
  const { config, tieWordEmbeddings } = parseConfig(files.config);
  const header = parseSafetensors(files.weights);
  const { tensors, tiedHead } = checkLayout(header, config, tieWordEmbeddings, "the file");
  const model = onnx.ModelProto.decode(buildGraph(config, tensors, { tiedHead }));
  return { model, config, header };
}

it.each(["F32", "F16"] as const)("is a sound graph over %s weights", (dtype) => {
  const { model, config, header } = decoded(dtype);
  expect(Number(model.irVersion)).toBe(8);
  expect(model.opsetImport.map(({ domain, version }) => [domain, Number(version)])).toEqual([
    ["", 17],
    ["com.microsoft", 1],
  ]);
  const graph = onnx.GraphProto.create(model.graph ?? {});
  const known = new Set<string>();
  const define = (name: string) => {
    expect(known.has(name), `${name} is defined once`).toBe(false);
    known.add(name);
  };
  for (const { name } of [...graph.input, ...graph.initializer]) define(name!);
  for (const node of graph.node) {
    for (const name of node.input!) {
      expect(known.has(name), `${name} before ${node.opType!}`).toBe(true);
    }
    node.output!.forEach(define);
  }
  const outputs = graph.output.map(({ name }) => name!);
  const present = [0, 1].flatMap((l) => [`present.${l}.key`, `present.${l}.value`]);
  const hooks = hookNames(config);
  const gradients = hooks.map((name) => `grad.${name}`);
  expect([...outputs].sort()).toEqual(
    [...hooks, ...gradients, "few_logits", ...present, "logits"].sort(),
  );
  for (const name of outputs) expect(known.has(name)).toBe(true);

  const external = graph.initializer.filter(({ dataLocation }) => Number(dataLocation) === 1);
  expect(external).toHaveLength(header.tensors.size);
  for (const { name, dims, dataType, externalData } of external) {
    const entry = header.tensors.get(`transformer.${name!}`)!;
    expect(dims!.map(Number)).toEqual(entry.shape);
    expect(dataType).toBe(dtype === "F32" ? 1 : 10);
    expect(Object.fromEntries(externalData!.map(({ key, value }) => [key, value]))).toEqual({
      location: WEIGHT_FILE,
      offset: String(entry.begin),
      length: String(entry.end - entry.begin),
    });
  }
});

it("says which tensor is missing, and which type it cannot read", () => {
  const { config } = parseConfig(tinyCheckpoint(sizes).config);
  expect(() => buildGraph(config, new Map(), { tiedHead: true })).toThrow(/no tensor "wte.weight"/);
  const place = { dtype: "I8", shape: [2], file: WEIGHT_FILE, begin: 0, end: 2 } as const;
  expect(() => new GraphBuilder().weight("wte.weight", place)).toThrow(/stored as I8; .* F32, F16/);
});

it("writes integers of every size, and negative ones, as the format has them", () => {
  for (const value of [
    0,
    1,
    127,
    128,
    300,
    2 ** 31,
    2 ** 40,
    Number.MAX_SAFE_INTEGER,
    -1,
    -(2 ** 33),
  ]) {
    const tensor = onnx.TensorProto.decode(wire.int(1, value));
    expect(Number(tensor.dims[0])).toBe(value);
  }
});
