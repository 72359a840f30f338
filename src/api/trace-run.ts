/**
 * One run of a trace: what has been changed so far, what is known of the values, and how far they have been read. A value is
 * read by a run of the model that goes as far as its hook point, with the changes made until then; what else that block has
 * is kept, so that it costs no second run. Values come in the order of the forward pass, so a change before something that
 * has been read would make that untrue, and is refused.
 */
import type { Basis } from "../core/basis.ts";
import type { Edit } from "../core/edits.ts";
import { type HookPoint, isOnRequest, parseHook } from "../core/hooks.ts";
import { LabError } from "../core/lab-error.ts";
import type { ModelInfo } from "../core/model-info.ts";
import type { TensorData } from "../core/types.ts";
import type { LabClient } from "../rpc/client.ts";

export interface TraceContext {
  client: LabClient;
  info: ModelInfo;
  basis: Basis;
  signal: AbortSignal | undefined;
  /** Once the trace's function has returned. */
  over: () => boolean;
}
interface Wish {
  hook: HookPoint;
  /** How many edits there were when it was made. */
  version: number;
  resolve: (value: TensorData) => void;
  reject: (reason: unknown) => void;
}

const LOGITS = "the logits";

export class TraceRun {
  readonly ids: readonly (readonly number[])[];
  readonly context: TraceContext;
  readonly #edits: Edit[] = [];
  readonly #known = new Map<string, TensorData>();
  #logits: Promise<TensorData> | null = null;
  /** The hook point furthest on that has been read. */
  #last = { name: "", index: -1 };
  #wishes: Wish[] = [];
  /** How many edits a run has been made with, and are right. */
  #tried = 0;

  constructor(context: TraceContext, ids: readonly (readonly number[])[]) {
    this.context = context;
    this.ids = ids;
  }

  /** Of all rows, beyond a row's own length NaN. Not to be written to. */
  read(hook: HookPoint): Promise<TensorData> {
    this.#checkOpen();
    this.#passed(hook.name);
    const known = this.#known.get(hook.name);
    if (known) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      // All that is asked for at once, without waiting, is one run.
      if (this.#wishes.length === 0) queueMicrotask(() => void this.#grant());
      this.#wishes.push({ hook, version: this.#edits.length, resolve, reject });
    });
  }

  /** [B, T, V] */
  readLogits(): Promise<TensorData> {
    this.#checkOpen();
    this.#last = { name: LOGITS, index: Infinity };
    const { client, basis, signal } = this.context;
    const tried = this.#edits.length;
    this.#logits ??= client
      .call(
        "model.runWithCache",
        {
          prompts: this.ids.map((ids) => ({ ids: [...ids] })),
          names: [],
          edits: [...this.#edits],
          basis,
        },
        { signal },
      )
      .then(({ logits }) => {
        this.#tried = Math.max(this.#tried, tried);
        return logits;
      });
    return this.#logits;
  }

  /** @throws LabError "bad-input" for a hook point before one that has been read */
  change(edits: readonly Edit[]): void {
    this.#checkOpen();
    for (const { hook } of edits) {
      const index = this.#indexOf(parseHook(hook, this.context.info.config).name);
      if (index < this.#last.index) {
        throw new LabError(
          "bad-input",
          `${hook} cannot be changed any more: ${this.#last.name}, which comes after it, has been read; ` +
            "change it before, or in another run (t.run)",
        );
      }
      for (const name of this.#known.keys()) {
        if (this.#indexOf(name) >= index) this.#known.delete(name);
      }
    }
    this.#edits.push(...edits);
  }

  /** Refuses edits that are wrong, where nothing was read after them that would have. */
  async checkUnread(): Promise<void> {
    if (this.#tried === this.#edits.length) return;
    const { client, basis, signal } = this.context;
    const ids = this.ids.map((row) => [...row]);
    await client.call(
      "model.readHooks",
      { ids, names: [], edits: [...this.#edits], basis },
      { signal },
    );
  }

  async #grant(): Promise<void> {
    const wishes = this.#wishes;
    this.#wishes = [];
    for (const version of new Set(wishes.map((wish) => wish.version))) {
      const now = wishes.filter((wish) => wish.version === version);
      try {
        const values = await this.#run(
          now.map(({ hook }) => hook),
          version,
        );
        for (const { hook, resolve } of now) resolve(values.get(hook.name)!);
      } catch (e) {
        for (const { reject } of now) reject(e);
      }
    }
  }

  async #run(
    hooks: readonly HookPoint[],
    version: number,
  ): Promise<ReadonlyMap<string, TensorData>> {
    const { client, info, basis, signal } = this.context;
    const wanted = new Set(hooks.map(({ name }) => name));
    const furthest = hooks.reduce((a, b) =>
      this.#indexOf(a.name) > this.#indexOf(b.name) ? a : b,
    );
    for (const name of info.hooks) {
      const { stage, layer, axes } = parseHook(name, info.config);
      const isNear = layer === null ? stage === furthest.stage : layer === furthest.layer;
      // The rest of the block comes with it, but for what is large.
      if (isNear && !isOnRequest(name) && axes[0] === "T") wanted.add(name);
    }
    const request = {
      ids: this.ids.map((row) => [...row]),
      names: [...wanted],
      edits: this.#edits.slice(0, version),
      basis,
    };
    const values = new Map(await client.call("model.readHooks", request, { signal }));
    this.#tried = Math.max(this.#tried, version);
    const changed = this.#edits.slice(version).map(({ hook }) => this.#indexOf(hook));
    for (const [name, value] of values) {
      if (this.#indexOf(name) < Math.min(Infinity, ...changed)) this.#known.set(name, value);
    }
    return values;
  }

  #passed(name: string): void {
    const index = this.#indexOf(name);
    if (index > this.#last.index) this.#last = { name, index };
  }

  #indexOf(name: string): number {
    return this.context.info.hooks.indexOf(name);
  }

  #checkOpen(): void {
    if (!this.context.over()) return;
    throw new LabError("bad-input", "this trace is over: its function has returned");
  }
}
