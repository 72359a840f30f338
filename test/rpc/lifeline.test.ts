/** The worker's lock: waited for by the page, and given when the worker is gone. */
import { describe, expect, it, vi } from "vitest";
import { holdLifeline, watchLifeline } from "../../src/rpc/lifeline.ts";

/** Locks of two agents: one request at a time holds a name; `die` ends the first agent's. */
function lockManager() {
  const queues = new Map<string, (() => void)[]>();
  const held = new Map<string, () => void>();
  const request = ((name: string, ...rest: unknown[]) => {
    const callback = rest.at(-1) as () => Promise<unknown>;
    const options = (rest.length > 1 ? rest[0] : {}) as { signal?: AbortSignal };
    return new Promise<void>((resolve, reject) => {
      options.signal?.addEventListener("abort", () => reject(new Error("aborted")));
      const take = () => {
        if (options.signal?.aborted) return;
        held.set(name, resolve);
        void callback();
      };
      if (held.has(name)) queues.set(name, [...(queues.get(name) ?? []), take]);
      else take();
    });
  }) as LockManager["request"];
  const die = () => {
    for (const name of held.keys()) {
      held.delete(name);
      queues.get(name)?.shift()?.();
    }
  };
  return { locks: { request }, die };
}

function join() {
  const { locks, die } = lockManager();
  const listeners: ((event: MessageEvent) => void)[] = [];
  const onDeath = vi.fn();
  const page = { addEventListener: (_: string, f: never) => listeners.push(f) } as never;
  const worker = {
    postMessage: (data: unknown) => {
      for (const f of listeners) f({ data } as MessageEvent);
    },
  };
  const unwatch = watchLifeline(page, onDeath, locks);
  holdLifeline(worker, locks);
  return { die, onDeath, unwatch };
}

describe("the lifeline", () => {
  it("tells of the worker's death, and not before", async () => {
    const { die, onDeath } = join();
    await Promise.resolve();
    expect(onDeath).not.toHaveBeenCalled();
    die();
    expect(onDeath).toHaveBeenCalledOnce();
  });

  it("is silent when the page itself ended the worker", () => {
    const { die, onDeath, unwatch } = join();
    unwatch();
    die();
    expect(onDeath).not.toHaveBeenCalled();
  });
});
