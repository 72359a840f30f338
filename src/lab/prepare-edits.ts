/**
 * Edits → what a run needs of them: all that does not depend on that run is put into numbers (means, values of other
 * prompts, directions that are added); the rest is left as changes of the value that will be found at the hook.
 */
import type { Basis } from "../core/basis.ts";
import {
  type Edit,
  type EditPlace,
  isDirect,
  isSaeEdit,
  placeOf,
  type ProjectEdit,
} from "../core/edits.ts";
import { LabError } from "../core/lab-error.ts";
import type { Gpt2Config } from "../core/types.ts";
import type { Sae } from "../math/feature-change.ts";
import { orthonormalBasis, projectionDelta } from "../math/subspace.ts";
import { axisSizes } from "../model/edit-check.ts";
import type { LoadedModel } from "../model/loaded-model.ts";
import type { Corpus } from "./corpus.ts";
import { checkPlace, type EditScope, refuse } from "./edit-check.ts";
import type { Read } from "./hook-reader.ts";
import type { SmoothEdit } from "./prepared-edit.ts";
import { meanRequest, prepareReferenceEdit, type ReferenceEdit } from "./reference-edit.ts";
import { referenceMeans } from "./reference-means.ts";
import { prepareSaeEdit } from "./sae-edit.ts";

/** What edits may refer to. */
export interface EditSources {
  sae: (id: string) => Promise<Sae>;
  corpus: () => Promise<Corpus>;
}
export interface PrepareContext {
  model: Pick<LoadedModel, "info" | "tokenizer">;
  basis: Basis;
  scope: EditScope;
  read: Read;
  sources: EditSources;
}

const isReference = (edit: Edit): edit is ReferenceEdit =>
  edit.op === "mean" || edit.op === "resample";

/**
 * @returns for each edit what it comes to
 * @throws LabError "bad-input" naming the hook and what it expects; "not-found" for an SAE or feature that there is not
 */
export async function prepareEdits(
  edits: readonly Edit[],
  context: PrepareContext,
): Promise<SmoothEdit[][]> {
  const { model, basis, scope, read, sources } = context;
  const { config } = model.info;
  const requests = edits.map((edit) =>
    isReference(edit) ? meanRequest(edit, model, sources.corpus, scope) : null,
  );
  const means = await referenceMeans(
    model,
    basis,
    requests.filter((request) => request !== null),
    read,
  );
  const prepare = async (edit: Edit, i: number): Promise<SmoothEdit[]> => {
    if (isDirect(edit)) return [edit];
    if (isReference(edit)) return prepareReferenceEdit(edit, means(requests[i]!), scope);
    checkPlace(placeOf(edit), config, scope);
    if (!isSaeEdit(edit)) return [prepareProjection(edit, config, scope)];
    return [prepareSaeEdit(edit, await sources.sae(edit.sae), config, basis)];
  };
  return Promise.all(edits.map((edit, i) => prepare(edit, i).catch(withHook(edit))));
}

/** What went wrong below, said of the edit. */
const withHook =
  ({ hook }: Edit) =>
  (e: unknown): never => {
    if (!(e instanceof LabError) || e.message.includes(hook)) throw e;
    throw new LabError(e.code, `edit of ${hook}: ${e.message}`, { cause: e });
  };

/** x − Σ (x·û) û of each vector along the last axis. */
function prepareProjection(edit: ProjectEdit, config: Gpt2Config, scope: EditScope): SmoothEdit {
  const place = placeOf(edit);
  const { axes } = checkPlace(place, config, scope);
  if (axes[0] !== "T") throw refuse(edit, "attention has no directions to project out");
  if (edit.neuron !== undefined) {
    throw refuse(edit, 'a direction is along all of the last axis, so "neuron" cannot be given');
  }
  const basis = checkDirections(edit, axisSizes(axes, config, 0).at(-1)!);
  // A projection is its own transpose.
  const of = (x: Float32Array) => projectionDelta(x, basis);
  return { place, op: "add", of, back: (grad) => ({ x: of(grad) }) };
}

function checkDirections(
  { hook, directions }: EditPlace & Pick<ProjectEdit, "directions">,
  width: number,
): Float64Array[] {
  const given: unknown = directions;
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  const vectors = list.map((direction) => {
    if (direction instanceof Float32Array && direction.length === width) return direction;
    const got =
      direction instanceof Float32Array ? `one of ${direction.length}` : String(direction);
    throw refuse(
      { hook },
      `"directions" are Float32Arrays of ${width} (the last axis); got ${got}`,
    );
  });
  return orthonormalBasis(vectors);
}
