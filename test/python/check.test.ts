/** The check of snippets notices what it is for. */
import { describe, expect, it } from "vitest";
import { expectPython, pythonProblems, readString } from "./check.ts";

const SMALL = { n_layer: 2 };
const LOAD = `import torch
from transformer_lens import HookedTransformer
model = HookedTransformer.from_pretrained("gpt2")
`;
const problems = (code: string) => pythonProblems(LOAD + code, SMALL);

describe("a snippet", () => {
  it("that is right passes", () => {
    expectPython(
      `${LOAD}tokens = model.to_tokens("a", prepend_bos=True)
def double(value, hook):
    value[:, -1] *= factor
    return value

factor = 2
edits = [("blocks.1.hook_mlp_out", double)]
with model.hooks(fwd_hooks=edits):
    logits, cache = model.run_with_cache(tokens)
norms = [cache[f"blocks.{layer}.hook_resid_post"][0].norm(dim=-1) for layer in range(2)]
with open("a.txt", encoding="utf-8") as file:
    text = file.read()
for i, (norm, other) in enumerate(zip(norms, norms)):
    print(f"{i}: {norm[0].item():.3f} {other!r}")
order = sorted(norms, key=lambda norm: -norm[0].item())
`,
      SMALL,
    );
  });
  it.each([
    ["that does not parse", "x = (1,\n", /does not parse/],
    ["with an unclosed string", 'x = "a\n', /no plain string/],
    ["that uses what is not defined", "print(logits)\n", /line 4: logits is not defined/],
    ["that uses a name before it is defined", "x = y\ny = 1\n", /line 4: y is not defined/],
    ["whose function does so", "def f(a):\n    return b\n", /line 5: b is not defined/],
    [
      "whose loop's name is used outside it",
      "x = [y for y in [1]]\nprint(y)\n",
      /y is not defined/,
    ],
    [
      "with a method that there is not",
      "model.run_cached(1)\n",
      /model has no attribute run_cached/,
    ],
    ["with a function that there is not", "torch.sofmax(1)\n", /torch has no attribute sofmax/],
    ["with a wrong keyword", "model.to_tokens('a', bos=True)\n", /takes no argument bos/],
    [
      "with a wrong keyword of a class",
      'model = HookedTransformer.from_pretrained("gpt2", folded=1)\n',
      /folded/,
    ],
    ["with an unknown import", "import tensorflow\n", /cannot be imported/],
    ["with an unknown name of a library", "from sae_lens import Sae\n", /sae_lens has no Sae/],
    [
      "with a hook point that there is not",
      'x = "blocks.0.hook_resid_posts"\n',
      /no hook point blocks.0/,
    ],
    [
      "with a layer that there is not",
      'x = "blocks.2.hook_resid_post"\n',
      /no hook point blocks.2/,
    ],
    [
      "with a hook of any layer that there is not",
      'x = f"blocks.{len([])}.hook_z"\n',
      /no hook point/,
    ],
  ])("%s does not pass", (_, code, message) => {
    expect(problems(code).join("\n")).toMatch(message);
  });
});

it("reads strings as Python does", () => {
  expect(readString(String.raw`"a\"\\\n\x00é\U0001f600"`)).toBe('a"\\\n\0é😀');
  expect(() => readString(String.raw`"\q"`)).toThrow(/no escape/);
});
