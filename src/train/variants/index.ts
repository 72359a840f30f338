/** The way of training that a recipe asks for. */
import type { Recipe } from "../../core/sae-recipe.ts";
import { gated } from "./gated.ts";
import { jumpRelu } from "./jump-relu.ts";
import { matryoshka } from "./matryoshka.ts";
import { standard } from "./standard.ts";
import { batchTopK, topK } from "./top-k.ts";
import type { Variant } from "./variant.ts";

export function variantOf(recipe: Recipe): Variant {
  switch (recipe.variant) {
    case "standard":
      return standard(recipe);
    case "topk":
      return topK(recipe);
    case "batchtopk":
      return batchTopK(recipe);
    case "matryoshka":
      return matryoshka(recipe);
    case "jumprelu":
      return jumpRelu(recipe);
    case "gated":
      return gated(recipe);
  }
}
