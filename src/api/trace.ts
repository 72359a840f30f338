/**
 * `lab.model.trace`, for people who think in nnsight: read values, change them and read on, in the order of the forward pass.
 * Nothing is recorded to be run later: what is read are numbers, so any code may stand between.
 */
import { type HookQuery, resolveHook } from "../core/act-names.ts";
import type { Basis } from "../core/basis.ts";
import { ofSomeKind, readEdit } from "../core/edit-shape.ts";
import type { Edit } from "../core/edits.ts";
import { type HookPoint, parseHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { ModelInfo } from "../core/model-info.ts";
import type { TensorData } from "../core/types.ts";
import { cutRow } from "../math/padding.ts";
import type { LabClient } from "../rpc/client.ts";
import { HookValue, type ValueAxis } from "./hook-value.ts";
import { checkBasis, isBatch, type Prompt } from "./run.ts";
import { TraceRun } from "./trace-run.ts";
import { replacement, type TraceInput } from "./trace-set.ts";

export interface TraceOptions {
  /** @default "raw" */
  basis?: Basis;
  /** For text only; ids are taken as they are. @default true */
  prependBos?: boolean;
  signal?: AbortSignal;
}

/** A run of one prompt, or of several in one batch. Hook points by full name or shorthand: "z5", ["z", 5]. */
export interface Trace {
  /** Token ids of each prompt. */
  readonly ids: readonly (readonly number[])[];
  /** The value at a hook point, [B, …], as it is after all changes made so far. */
  get(hook: HookQuery): Promise<HookValue>;
  /** Puts a value in the place of what is there: one number, or numbers of the hook's shape. */
  set(hook: HookQuery, value: TraceInput): void;
  /** Any edit, direct or computed; its hook by full name or shorthand. */
  edit(edit: Edit): void;
  /** [B, T, vocabulary]; after it nothing can be changed. */
  logits(): Promise<HookValue>;
  /** One prompt of several: its values without padding, and changes to it alone. */
  row(index: number): Trace;
  /** Another run within this trace, of another prompt or of the same one. */
  run(what: Prompt | readonly Prompt[]): Trace;
  /** A value as it is now, apart from what becomes of it. */
  save<T extends Saved>(value: T): T;
}
export type Saved = TensorData | Float32Array | number;

export interface TraceMethods {
  /** Calls `body` with a run of the prompt, and gives what it returns. */
  trace<R>(
    what: Prompt | readonly Prompt[],
    body: (t: Trace) => R | Promise<R>,
    options?: TraceOptions,
  ): Promise<R>;
}

export const traceMethods = (
  client: LabClient,
  info: ModelInfo,
  toIds: (text: string, prependBos: boolean) => number[],
): TraceMethods => ({
  trace: async (what, body, { basis = "raw", prependBos = true, signal } = {}) => {
    checkBasis(basis);
    checkBody(body);
    const runs: TraceRun[] = [];
    let over = false;
    const context = { client, info, basis, signal, over: () => over };
    const start = (prompts: Prompt | readonly Prompt[]): Trace => {
      const list = isBatch(prompts) ? prompts : [prompts];
      const ids = list.map((prompt) => readIds(prompt, info, (text) => toIds(text, prependBos)));
      const run = new TraceRun(context, ids);
      runs.push(run);
      return new Face(run, null, start);
    };
    try {
      const found = await body(start(what));
      for (const run of runs) await run.checkUnread();
      return found;
    } finally {
      over = true;
    }
  },
});

function checkBody(body: unknown): void {
  if (typeof body === "function") return;
  throw new LabError(
    "bad-input",
    `a trace takes a prompt and a function that is given it, model.trace(prompt, async (t) => …), not ${ofSomeKind(body)}`,
  );
}

/** @throws LabError "bad-input" for what is no prompt, or none that fits the model */
function readIds(
  prompt: Prompt,
  { config: { n_positions } }: ModelInfo,
  toIds: (text: string) => number[],
): number[] {
  const ids = typeof prompt === "string" ? toIds(prompt) : [...prompt];
  if (ids.length >= 1 && ids.length <= n_positions) return ids;
  throw new LabError(
    "bad-input",
    `a prompt has 1 to ${n_positions} tokens in this model, this one has ${ids.length}`,
  );
}

/** All rows of a run, or one of them. */
class Face implements Trace {
  readonly #run: TraceRun;
  readonly #row: number | null;
  readonly #start: (what: Prompt | readonly Prompt[]) => Trace;

  constructor(
    run: TraceRun,
    row: number | null,
    start: (what: Prompt | readonly Prompt[]) => Trace,
  ) {
    this.#run = run;
    this.#row = row;
    this.#start = start;
  }

  get ids(): readonly (readonly number[])[] {
    return this.#row === null ? this.#run.ids : [this.#run.ids[this.#row]!];
  }

  async get(query: HookQuery): Promise<HookValue> {
    const hook = this.#point(query);
    return this.#value(hook.name, await this.#run.read(hook), ["B", ...hook.axes]);
  }

  async logits(): Promise<HookValue> {
    return this.#value("logits", await this.#run.readLogits(), ["B", "T", "V"]);
  }

  set(query: HookQuery, value: TraceInput): void {
    const hook = this.#point(query);
    const lengths = this.ids.map((row) => row.length);
    const edits = replacement(hook, value, lengths, this.#run.context.info.config);
    const alone = this.#run.ids.length === 1;
    this.#run.change(edits.map((edit, i) => (alone ? edit : { ...edit, row: this.#row ?? i })));
  }

  edit(given: Edit): void {
    const edit = this.#fullName(given);
    if (this.#row !== null && edit.row !== undefined) {
      throw new LabError(
        "bad-input",
        `edit of ${edit.hook}: this is row ${this.#row} alone already`,
      );
    }
    this.#run.change([this.#row === null ? edit : { ...edit, row: this.#row }]);
  }

  row(index: number): Trace {
    const count = this.ids.length;
    const at = index < 0 ? index + count : index;
    if (!Number.isInteger(at) || at < 0 || at >= count) {
      throw new LabError("bad-input", `row ${index} is not among ${-count} … ${count - 1}`);
    }
    return new Face(this.#run, this.#row ?? at, this.#start);
  }

  run(what: Prompt | readonly Prompt[]): Trace {
    return this.#start(what);
  }

  save<T extends Saved>(value: T): T {
    if (typeof value === "number") return value;
    if (value instanceof HookValue) return value.copy() as unknown as T;
    if (value instanceof Float32Array) return value.slice() as unknown as T;
    const { data, dims } = new Object(value) as Partial<TensorData>;
    if (data instanceof Float32Array && Array.isArray(dims)) {
      return Object.assign({}, value, { data: data.slice(), dims: [...dims] });
    }
    throw new LabError(
      "bad-input",
      `t.save keeps a value that was read, a Float32Array or a number, not ${ofSomeKind(value)}`,
    );
  }

  /** @throws LabError "bad-input" for what is no edit */
  #fullName(edit: Edit): Edit {
    const { hooks } = this.#run.context.info;
    const named: unknown = (edit as Edit | null | undefined)?.hook;
    const full = typeof named === "string" ? { ...edit, hook: resolveHook(named, hooks) } : edit;
    return readEdit(full, hooks);
  }

  #point(query: HookQuery): HookPoint {
    const { hooks, config } = this.#run.context.info;
    return parseHook(resolveHook(query, hooks), config);
  }

  /** A copy: what was read stays as it was, whatever is done to it. */
  #value(hook: string, tensor: TensorData, axes: readonly ValueAxis[]): HookValue {
    const lengths = this.ids.map((row) => row.length);
    const own =
      this.#row === null
        ? { data: tensor.data.slice(), dims: tensor.dims }
        : cutRow(tensor, axes[1] === "T" ? 1 : 2, this.#row, lengths[0]!);
    return new HookValue(hook, own, axes, lengths);
  }
}
