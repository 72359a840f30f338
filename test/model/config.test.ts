import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { LabError } from "../../src/core/lab-error.ts";
import { parseConfig } from "../../src/model/config.ts";

const parse = (json: unknown) => parseConfig(JSON.stringify(json)).config;
const refusal = (text: string): LabError => {
  try {
    parseConfig(text);
  } catch (e) {
    if (e instanceof LabError) return e;
  }
  throw new Error("the config was accepted");
};

describe("parseConfig", () => {
  it("fills in the defaults of GPT2Config", () => {
    expect(parseConfig('{"model_type":"gpt2"}')).toEqual({
      config: {
        n_layer: 12,
        n_head: 12,
        n_embd: 768,
        n_inner: 3072,
        n_positions: 1024,
        vocab_size: 50257,
        layer_norm_epsilon: 1e-5,
        activation_function: "gelu_new",
        scale_attn_weights: true,
        scale_attn_by_inverse_layer_idx: false,
        bos_token_id: 50256,
      },
      tieWordEmbeddings: true,
    });
  });

  it("reads the embedded model's own file", () => {
    const url = new URL("../../public/models/tinylab-gpt2-4l/config.json", import.meta.url);
    const { config } = parseConfig(readFileSync(url, "utf8"));
    expect(config.n_embd % config.n_head).toBe(0);
    expect(config.n_inner).toBe(4 * config.n_embd);
    expect(config.bos_token_id).toBe(config.vocab_size - 1);
  });

  it("takes what is given: sizes, the other names for them, n_inner, activations, untied heads", () => {
    const given = {
      model_type: "gpt2",
      num_hidden_layers: 3,
      num_attention_heads: 5,
      hidden_size: 40,
      max_position_embeddings: 64,
      n_inner: 100,
      vocab_size: 600,
      layer_norm_epsilon: 1e-6,
      activation_function: "gelu_pytorch_tanh",
      scale_attn_weights: false,
      scale_attn_by_inverse_layer_idx: true,
      bos_token_id: 7,
      tie_word_embeddings: false,
    };
    expect(parseConfig(JSON.stringify(given))).toEqual({
      config: {
        n_layer: 3,
        n_head: 5,
        n_embd: 40,
        n_inner: 100,
        n_positions: 64,
        vocab_size: 600,
        layer_norm_epsilon: 1e-6,
        activation_function: "gelu_new",
        scale_attn_weights: false,
        scale_attn_by_inverse_layer_idx: true,
        bos_token_id: 7,
      },
      tieWordEmbeddings: false,
    });
  });

  it("knows old GPT-2 configs, which have no model_type", () => {
    expect(parse({ architectures: ["GPT2LMHeadModel"], n_layer: 2 }).n_layer).toBe(2);
  });

  it("begins with the end-of-text token where the default is beyond the vocabulary", () => {
    expect(parse({ model_type: "gpt2", vocab_size: 600, eos_token_id: 599 }).bos_token_id).toBe(
      599,
    );
    const list = {
      model_type: "gpt2",
      vocab_size: 600,
      bos_token_id: null,
      eos_token_id: [900, 3],
    };
    expect(parse(list).bos_token_id).toBe(3);
  });

  it.each([
    [{ model_type: "llama" }, "unsupported", /this is a "llama" model; Glassroom runs GPT-2-arch/],
    [{ model_type: 3 }, "unsupported", /this is a 3 model/],
    [{}, "unsupported", /names no model_type; Glassroom runs/],
    [{ architectures: ["BertModel"] }, "unsupported", /its architecture is "BertModel"/],
    [{ model_type: "gpt2", add_cross_attention: true }, "unsupported", /attends to an encoder/],
    [
      { model_type: "gpt2", activation_function: "silu" },
      "unsupported",
      /"silu"; known are gelu_new/,
    ],
    [{ model_type: "gpt2", activation_function: "toString" }, "unsupported", /"toString"; known/],
    [
      { model_type: "gpt2", n_embd: 770 },
      "bad-file",
      /n_embd 770 cannot be divided among n_head 12/,
    ],
    [{ model_type: "gpt2", n_layer: 0 }, "bad-file", /n_layer is 0, not a positive whole number/],
    [{ model_type: "gpt2", n_layer: "12" }, "bad-file", /n_layer is "12"/],
    [{ model_type: "gpt2", vocab_size: 1.5 }, "bad-file", /vocab_size is 1.5/],
    [{ model_type: "gpt2", n_inner: -1 }, "bad-file", /n_inner is -1/],
    [{ model_type: "gpt2", layer_norm_epsilon: 0 }, "bad-file", /layer_norm_epsilon is 0/],
    [{ model_type: "gpt2", scale_attn_weights: 1 }, "bad-file", /scale_attn_weights is 1/],
    [
      { model_type: "gpt2", vocab_size: 600 },
      "bad-file",
      /bos_token_id is 50256, .* vocab_size 600/,
    ],
    [[], "bad-file", /it is \[\], not an object/],
    [null, "bad-file", /it is null, not an object/],
  ])("refuses %j", (json, code, message) => {
    const error = refusal(JSON.stringify(json));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it("refuses what is no JSON, quoting its beginning", () => {
    expect(refusal("<!doctype html><html>").message).toMatch(/no JSON: it begins with "<!doctype/);
    expect(refusal("").code).toBe("bad-file");
  });
});
