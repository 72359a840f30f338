/**
 * Edits of the forward pass, as plain data. A direct one says x → x·m + a with numbers that are known beforehand; it is what
 * the graph takes. A computed one depends on activations, of this run or of others, and becomes direct ones before the run
 * (`lab/resolve-edits.ts`). Edits of one hook take place in their order, each on what those before it left.
 */

/** Where an edit holds: everywhere at the hook point, or only in what is named. */
export interface EditPlace {
  hook: string;
  /** Of a batch. */
  row?: number;
  head?: number;
  /** Absolute; negative counts from the row's end. In generation it counts within the prompt. */
  pos?: number;
  /** Index on the last axis: a neuron, a coordinate, a key. */
  neuron?: number;
}

/**
 * `zero`: 0. `scale`: x·value. `add`: x + value. `replace`: value.
 * `value`: for `scale` a number; for `add` and `replace` a number, or a vector along the last axis (d_model, d_head,
 * d_mlp), or along all heads ([n_head, d_head], one token's worth), or a whole tensor of the hook's shape without the batch
 * axis.
 * In generation a value with a position axis covers the prompt, and an edit without `pos` holds for the generated tokens
 * too.
 */
export interface DirectEdit extends EditPlace {
  op: "zero" | "scale" | "add" | "replace";
  value?: number | Float32Array;
}

/** Text, or token ids taken as they are. */
export type ReferencePrompt = string | readonly number[];

/**
 * The mean of the hook's value over reference prompts, run without edits.
 * `per: "all"` averages over their positions too, all but the first, whose activation in GPT-2 is many times larger than
 * any other and says nothing of the text: one vector for everywhere. `per: "position"` averages over the prompts at each
 * position, the first among them, and covers as many positions as the longest of them has.
 */
export interface MeanEdit extends EditPlace {
  op: "mean";
  /** Prompts, or the corpus that comes with the app, cut into contexts that begin with BOS. */
  over: "corpus" | readonly ReferencePrompt[];
  /** @default "all"; attention scores and patterns have a mean per position only */
  per?: "all" | "position";
  /** How many positions at the start of each prompt `per: "all"` leaves out. @default 1 */
  skip?: number;
  /** Of the corpus. @default 32 */
  contexts?: number;
  /** For prompts that are text. @default true */
  prependBos?: boolean;
}

/** The hook's value in a run of another prompt, without edits: at the same position, or everywhere that at `fromPos`. */
export interface ResampleEdit extends EditPlace {
  op: "resample";
  from: ReferencePrompt;
  /** Position in `from`; negative counts from its end. @default the position that is edited */
  fromPos?: number;
  /** @default true */
  prependBos?: boolean;
}

/** x − Σ (x·û) û over an orthonormal basis û of what the directions span, along the hook's last axis. */
export interface ProjectEdit extends EditPlace {
  op: "project";
  /** Each as long as the hook's last axis; their lengths do not matter. */
  directions: Float32Array | readonly Float32Array[];
}

/** A change of one feature f of an SAE, by c. */
export interface SteerFeature {
  feature: number;
  /** `add`: x + c·W_dec[f]. `clamp`: x + (c − f(x))·W_dec[f], so that the feature reads c. */
  mode: "add" | "clamp";
  /** c, in the units of the feature's activation. */
  coefficient: number;
}

interface SaePlace extends EditPlace {
  /** The SAE's id. The hook is its own. */
  sae: string;
}
/** x + c·W_dec[f], with c the `value`. */
export interface SteerEdit extends SaePlace {
  op: "steer";
  feature: number;
  value: number;
}
/** x + (c − f(x))·W_dec[f], with c the `value`. */
export interface ClampEdit extends SaePlace {
  op: "clamp";
  feature: number;
  value: number;
}
/** x − f(x)·W_dec[f] */
export interface AblateEdit extends SaePlace {
  op: "ablate";
  feature: number;
}
/**
 * The SAE in the activation's place: x̂' = decode(f'), where f' is f(x) with the features' changes, all read from one x.
 * With `error`, what the SAE misses is kept: x̂' + (x − x̂), which is x + Σ (f' − f)·W_dec[f].
 */
export interface SpliceEdit extends SaePlace {
  op: "splice";
  /** @default false */
  error?: boolean;
  /** @default none */
  features?: readonly SteerFeature[];
}
export type SaeEdit = SteerEdit | ClampEdit | AblateEdit | SpliceEdit;

export type ComputedEdit = MeanEdit | ResampleEdit | ProjectEdit | SaeEdit;
export type Edit = DirectEdit | ComputedEdit;

const DIRECT: readonly string[] = ["zero", "scale", "add", "replace"] satisfies DirectEdit["op"][];
const SAE: readonly string[] = ["steer", "clamp", "ablate", "splice"] satisfies SaeEdit["op"][];
export const isDirect = (edit: Edit): edit is DirectEdit => DIRECT.includes(edit.op);
export const isSaeEdit = (edit: Edit): edit is SaeEdit => SAE.includes(edit.op);

/** The place alone, for an edit of another kind at the same one. */
export const placeOf = ({ hook, row, head, pos, neuron }: EditPlace): EditPlace => ({
  hook,
  ...(row !== undefined && { row }),
  ...(head !== undefined && { head }),
  ...(pos !== undefined && { pos }),
  ...(neuron !== undefined && { neuron }),
});
