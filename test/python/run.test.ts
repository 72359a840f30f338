/** The lines that every snippet begins with. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pyNumber, pyString } from "../../src/python/literal.ts";
import { pythonRun, pythonRuns, pythonText } from "../../src/python/run.ts";
import { expectPython, pythonStrings, readString } from "./check.ts";
import { ALL_EDITS, BENCHES, FACTS, GPT2, SAE, SMALL_MODEL, Z_SAE } from "./facts.ts";

describe("a run in Python", () => {
  it.each(BENCHES)("of %s can be run", (_, facts) => {
    const use = pythonRuns(facts).map(
      ({ tokens, logits, cache }) => `print(${tokens}, ${logits}, ${cache})`,
    );
    expectPython(pythonText([...pythonRun(facts), ...use]), {
      n_layer: facts.model.config.n_layer,
    });
  });

  it("loads GPT-2 by TransformerLens's name, at its commit, processed or not", () => {
    const raw = pythonText(pythonRun({ ...FACTS, model: GPT2 }));
    expect(raw).toContain(`from_pretrained("openai-community/gpt2", revision="${GPT2.commit}")`);
    expect(raw).toContain(
      'HookedTransformer.from_pretrained_no_processing("gpt2", hf_model=hf_model)',
    );
    const tl = pythonText(pythonRun({ ...FACTS, basis: "tl", model: { ...GPT2, commit: null } }));
    expect(tl).toContain('model = HookedTransformer.from_pretrained("gpt2")\n');
    expect(tl).not.toContain("AutoModelForCausalLM");
  });

  it("converts any other checkpoint, with the flags of the basis", () => {
    const tl = pythonText(pythonRun({ ...FACTS, basis: "tl" }));
    expect(tl).toContain("https://lab.example/app/models/tinylab-gpt2-4l/");
    expect(tl).toContain("n_layers=4, d_model=192, n_heads=6, d_head=32, d_mlp=768,");
    expect(tl).toContain('normalization_type="LNPre"');
    expect(tl).toMatch(
      /fold_ln=True, center_writing_weights=True, center_unembed=True, fold_value_biases=True/,
    );
    const raw = pythonText(pythonRun(FACTS));
    expect(raw).toContain('normalization_type="LN"');
    expect(raw).toMatch(
      /fold_ln=False, center_writing_weights=False, center_unembed=False, fold_value_biases=False/,
    );
  });

  it("makes the two runs that are compared", () => {
    const edited = pythonText(pythonRun({ ...FACTS, edits: ALL_EDITS.slice(0, 1) }));
    expect(edited).toContain(
      "# unedited\nlogits, cache = model.run_with_cache(tokens)\n# edited\n" +
        "with model.hooks(fwd_hooks=edits):\n    logits_b, cache_b = model.run_with_cache(tokens)\n",
    );
    const prompts = pythonText(pythonRun({ ...FACTS, other: "B", edits: ALL_EDITS.slice(0, 1) }));
    expect(prompts.match(/with model\.hooks/g)).toHaveLength(2); // the edits hold for both
    expect(prompts).toContain("logits_b, cache_b = model.run_with_cache(tokens_b)");
  });

  it("writes edits as hooks, in their order", () => {
    const code = pythonText(pythonRun({ ...FACTS, edits: ALL_EDITS, saes: [SAE, Z_SAE] }));
    const lines = [
      "    value[:, :, 3] = 0",
      "    value[:, 2, 3] = 0",
      'mean_of_mean_L2H0 = corpus_mean("blocks.2.attn.hook_z")[0]',
      "    value[:, :, 0] = mean_of_mean_L2H0",
      "    value[:, -1, 40] *= 2.5",
      "    value[:, 1] = mean_of_mean_attention_3_at_1",
      "    value[:, :] *= 1e-7",
      "    change = 0 - sae.encode(value)[:, :, 412]",
      "    value[:, :] += change[..., None] * sae.W_dec[412]",
      "    change = -3.5 - sae.encode(value)[:, 2, 7]",
      "    value[:, :] += change[..., None, None] * sae_2.W_dec[9].reshape(value.shape[-2:])",
    ];
    let at = -1;
    for (const line of lines) {
      const next = code.indexOf(`${line}\n`, at + 1);
      expect(next, line).toBeGreaterThan(at);
      at = next;
    }
    expect(code).toContain(
      'edits = [("blocks.1.attn.hook_z", zero_L1H3), ("blocks.1.attn.hook_z", zero_L1H3_at_2),',
    );
  });

  it("runs features' edits on the checkpoint's own activations, and says so", () => {
    const code = pythonText(
      pythonRun({ ...FACTS, basis: "tl", edits: ALL_EDITS.slice(8, 9), saes: [SAE] }),
    );
    expect(code).toMatch(/raw Hugging Face weights.*The figure's is TransformerLens processing/);
    expect(code).toContain("fold_ln=False");
  });

  it("reads any text as it is, lone surrogates as the app does", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 40 }),
        fc.string({ maxLength: 9 }),
        (prompt, name) => {
          const model = { ...SMALL_MODEL, source: "files" as const, id: name };
          const code = pythonText(pythonRun({ ...FACTS, prompt, other: prompt, model }));
          expectPython(code);
          const texts = pythonStrings(code);
          const clean = prompt.replace(/\p{Surrogate}/gu, "\ufffd");
          expect(texts.filter((text) => text === clean).length).toBeGreaterThanOrEqual(2);
        },
      ),
    );
  });
});

describe("a literal", () => {
  it.each([
    '"',
    "'",
    "\\",
    "a\nb\r\n",
    "\u2028\u2029\u0085",
    "日本 😀",
    "\ud83d",
    "\0\x1b",
    "\u202e\ufeff",
    "{x}",
    "#",
  ])("of %j is one line that Python reads as the same", (text) => {
    const literal = pyString(text);
    expect(readString(literal)).toBe(text);
    expect(literal).not.toMatch(/[\p{Cc}\p{Cs}\p{Cf}\p{Zl}\p{Zp}]/u);
  });
  it("of any text reads as the same", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((c) => String.fromCharCode(c)) }),
        (text) => {
          expect(readString(pyString(text))).toBe(text);
        },
      ),
    );
  });
  it("of a number reads as the same", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
        expect(Number(pyNumber(x))).toBe(x === 0 ? 0 : x); // −0 is 0
      }),
    );
    expect(pyNumber(1e21)).toBe("1e21");
  });
});
