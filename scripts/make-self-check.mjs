/**
 * Makes public/models/tinylab-gpt2-4l/self-check.json, the known values of the embedded model: a small part of what PyTorch
 * computed on it (test/fixtures/tinylab-gpt2-4l/reference.safetensors), with the sha256 of the weights that they belong to.
 * Run it again when the weights and their reference change:
 *
 *   node scripts/make-self-check.mjs
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

const MODEL = new URL("../public/models/tinylab-gpt2-4l/", import.meta.url);
const FIXTURE = new URL("../test/fixtures/tinylab-gpt2-4l/", import.meta.url);
const SAMPLES = 6; // of each hook

/** The tensors of a safetensors file with float32 or int values, by name. */
function readTensors(bytes) {
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString("utf8"));
  delete header.__metadata__;
  const read = { F32: ["readFloatLE", 4], I32: ["readInt32LE", 4], I64: ["readBigInt64LE", 8] };
  return new Map(
    Object.entries(header).map(([name, { dtype, data_offsets }]) => {
      const [method, size] = read[dtype];
      const [begin, end] = data_offsets.map((offset) => 8 + length + offset);
      const values = Array.from({ length: (end - begin) / size }, (_, i) =>
        Number(bytes[method](begin + i * size)),
      );
      return [name, values];
    }),
  );
}

const short = (value) => Number(value.toPrecision(8));

/** Spread over the whole tensor, at places that do not repeat from row to row. */
function samplesOf(values) {
  const step = values.length / SAMPLES;
  const places = Array.from({ length: SAMPLES }, (_, i) => Math.floor((i + 0.37) * step));
  return [...new Set(places)].map((i) => [i, short(values[i])]);
}

function lossOf(logits, ids) {
  const V = logits.length / ids.length;
  let sum = 0;
  ids.slice(1).forEach((id, t) => {
    const row = logits.slice(t * V, (t + 1) * V);
    const largest = row.reduce((a, b) => Math.max(a, b));
    const total = row.reduce((a, z) => a + Math.exp(z - largest), 0);
    sum += Math.log(total) + largest - row[id];
  });
  return sum / (ids.length - 1);
}

const weights = readFileSync(new URL("model.safetensors", MODEL));
const tensors = readTensors(readFileSync(new URL("reference.safetensors", FIXTURE)));
const reference = JSON.parse(readFileSync(new URL("reference.json", FIXTURE), "utf8"));

const prompts = reference.prompts.map(({ index, name }) => {
  const prefix = `p${index}.`;
  const ids = tensors.get(`${prefix}input_ids`);
  const logits = tensors.get(`${prefix}logits`);
  const V = logits.length / ids.length;
  const at = [0, Math.floor(ids.length / 2), ids.length - 1];
  const tokens = [0, Math.floor(V / 3), V - 1, ids.at(-1)];
  const hooks = [...tensors.keys()]
    .filter((key) => key.startsWith(prefix) && !/(input_ids|logits)$/.test(key))
    .map((key) => {
      const values = tensors.get(key);
      const norm = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
      return [
        key.slice(prefix.length),
        { length: values.length, norm: short(norm), samples: samplesOf(values) },
      ];
    });
  return {
    name,
    ids,
    loss: short(lossOf(logits, ids)),
    logits: at.flatMap((t) => tokens.map((token) => [t, token, short(logits[t * V + token])])),
    hooks: Object.fromEntries(hooks),
  };
});

const known = {
  format: "glassroom-self-check-1",
  weights: {
    file: "model.safetensors",
    bytes: weights.length,
    sha256: createHash("sha256").update(weights).digest("hex"),
  },
  computedWith: `${reference.framework}, ${reference.dtype}`,
  prompts,
};
const target = new URL("self-check.json", MODEL);
writeFileSync(target, `${JSON.stringify(known)}\n`);
console.log(`${target.pathname}: ${JSON.stringify(known).length} bytes`);
