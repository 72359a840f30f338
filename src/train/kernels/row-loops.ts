/**
 * The inner loops of a training step on the WASM backend, over the memory where TensorFlow.js has its tensors. In JavaScript,
 * which computes every number in float64, they take some seven times as long; and each does in one pass over a matrix what
 * TensorFlow.js's own kernels do in several.
 */
import {
  add,
  constant,
  div,
  type Loop,
  loopsIn,
  mul,
  sqrt,
  sub,
  type Term,
  unlessAtMost,
  whereAbove,
} from "./simd.ts";

const ZERO = constant(0);
const ONE = constant(1);
const square = (x: Term) => mul(x, x);

/** m ← m + s₁(g − m), v ← v + s₂(g² − v), w ← w − rate · m / (√v + ε) */
const adam = (
  [w, m, v]: readonly [Term, Term, Term],
  g: Term,
  [share1, share2, rate, epsilon]: readonly Term[],
  keep: (value: Term) => Term,
) => {
  const mNext = keep(add(m, mul(share1!, sub(g, m))));
  const vNext = keep(add(v, mul(share2!, sub(square(g), v))));
  const change = div(mNext, add(sqrt(vNext), epsilon!));
  return { wNext: keep(sub(w, mul(rate!, change))), mNext, vNext };
};

/** The arrays that a loop is called with, in order, are named in its body. */
const LOOPS = {
  /** out += factor · row */
  addRow: {
    ...{ arrays: 2, numbers: 1 },
    body: ({ store }, [out, row], [factor]) => store(0, add(out!, mul(row!, factor!))),
  },
  /** Σ a b */
  dot: { ...{ arrays: 2, numbers: 0 }, body: ({ total }, [a, b]) => total(mul(a!, b!)) },
  /** sums += a */
  addTo: { ...{ arrays: 2, numbers: 0 }, body: ({ store }, [sums, a]) => store(0, add(sums!, a!)) },
  /** sums += a b */
  addProducts: {
    ...{ arrays: 3, numbers: 0 },
    body: ({ store }, [sums, a, b]) => store(0, add(sums!, mul(a!, b!))),
  },
  /** dots += g w, squares += g² */
  addDots: {
    ...{ arrays: 4, numbers: 0 },
    body: ({ store }, [dots, squares, g, w]) => {
      store(0, add(dots!, mul(g!, w!)));
      store(1, add(squares!, square(g!)));
    },
  },
  /** counts += [f > 0] */
  addFires: {
    ...{ arrays: 2, numbers: 0 },
    body: ({ store }, [counts, f]) => store(0, add(counts!, whereAbove(f!, ZERO, ONE))),
  },
  /** Σ error², Σ (x − centre), Σ (x − centre)² */
  addTokens: {
    ...{ arrays: 6, numbers: 0 },
    body: ({ keep, store }, [errors, offs, squares, error, x, centre]) => {
      const off = keep(sub(x!, centre!));
      store(0, add(errors!, square(error!)));
      store(1, add(offs!, off));
      store(2, add(squares!, square(off)));
    },
  },
  /** x, but 0 where x ≤ threshold */
  jump: {
    ...{ arrays: 3, numbers: 0 },
    body: ({ store }, [, x, threshold]) => store(0, unlessAtMost(x!, threshold!, x!)),
  },
  /** d where f > 0, else 0; and the sums of that, of f, and of [f > 0] */
  gate: {
    ...{ arrays: 6, numbers: 0 },
    body: ({ keep, store }, [, slopes, sums, fires, d, f]) => {
      const slope = keep(whereAbove(f!, ZERO, d!));
      store(0, slope);
      store(1, add(slopes!, slope));
      store(2, add(sums!, f!));
      store(3, add(fires!, whereAbove(f!, ZERO, ONE)));
    },
  },
  /** counts += [low < x < high], sums += d there */
  addWindow: {
    ...{ arrays: 6, numbers: 0 },
    body: ({ store }, [counts, sums, x, d, low, high]) => {
      const inside = (value: Term) => whereAbove(x!, low!, whereAbove(high!, x!, value));
      store(0, add(counts!, inside(ONE)));
      store(1, add(sums!, inside(d!)));
    },
  },
  /** max(π, 0), and max(π gain + shift, 0) where π > 0 */
  openGate: {
    ...{ arrays: 5, numbers: 0 },
    body: ({ keep, store }, [, , pi, gain, shift]) => {
      const magnitude = keep(add(mul(pi!, gain!), shift!));
      store(0, whereAbove(pi!, ZERO, pi!));
      store(1, whereAbove(pi!, ZERO, whereAbove(magnitude, ZERO, magnitude)));
    },
  },
  /** See `throughGate` in `fused.ts`. */
  throughGate: {
    ...{ arrays: 11, numbers: 0 },
    body: ({ keep, store }, at) => {
      const [, slopes, turns, fires, gates, opens, dMag, dGate, f, open, gain] = at as Term[];
      const toMag = keep(whereAbove(f!, ZERO, dMag!));
      const toGate = keep(whereAbove(open!, ZERO, dGate!));
      store(0, add(mul(toMag, gain!), toGate));
      store(1, add(slopes!, toMag));
      store(2, add(turns!, mul(toMag, f!)));
      store(3, add(fires!, whereAbove(f!, ZERO, ONE)));
      store(4, add(gates!, toGate));
      store(5, add(opens!, open!));
    },
  },
  /** Adam, of the gradient times a factor. */
  adam: {
    ...{ arrays: 7, numbers: 5 },
    body: ({ keep, store }, [, , , w, m, v, g], [factor, ...rates]) => {
      const next = adam([w!, m!, v!], keep(mul(g!, factor!)), rates, keep);
      store(0, next.wNext);
      store(1, next.mNext);
      store(2, next.vNext);
    },
  },
  /** The same of g − along · w; squares += w² */
  adamAcross: {
    ...{ arrays: 9, numbers: 5 },
    body: ({ keep, store }, at, [factor, ...rates]) => {
      const [, , , squares, w, m, v, g, along] = at as Term[];
      const across = keep(mul(sub(g!, mul(along!, w!)), factor!));
      const next = adam([w!, m!, v!], across, rates, keep);
      store(0, next.wNext);
      store(1, next.mNext);
      store(2, next.vNext);
      store(3, add(squares!, square(next.wNext)));
    },
  },
  /** x / √squares, in place */
  divideByRoots: {
    ...{ arrays: 2, numbers: 0 },
    body: ({ store }, [x, squares]) => store(0, div(x!, sqrt(squares!))),
  },
} satisfies Record<string, Loop>;

export type RowLoops = ReturnType<typeof rowLoopsIn>;

export const rowLoopsIn = (memory: WebAssembly.Memory) => loopsIn(memory, LOOPS);
