/** `lab.circuits`: the circuits that this browser keeps, and the search that was under way. */
import type { AcdcSearch } from "../core/acdc.ts";
import type { FoundCircuit } from "../core/found-circuit.ts";
import type { AnswerKind, AnswerOf, KeptAnswer } from "../core/kept-answer.ts";
import type { KeptTest } from "../core/verify.ts";
import type { LabClient } from "../rpc/client.ts";

export interface CircuitShelf {
  /** Newest first. */
  list(): Promise<FoundCircuit[]>;
  /** One of the same id is replaced. */
  save(circuit: FoundCircuit): Promise<void>;
  delete(id: string): Promise<void>;
  /** The ACDC search that can go on; null if there is none. */
  search(): Promise<AcdcSearch | null>;
  keepSearch(search: AcdcSearch | null): Promise<void>;
  /** The last tests of circuits, oldest first. */
  tests(): Promise<KeptTest[]>;
  /** One of the same key is replaced. */
  keepTest(test: KeptTest): Promise<void>;
  /** What else was computed and is kept, oldest first: [key, value]. */
  answers<K extends AnswerKind>(kind: K): Promise<(readonly [string, AnswerOf[K]])[]>;
  /** One of the same kind and key is replaced. */
  keepAnswer<K extends AnswerKind>(kind: K, key: string, value: AnswerOf[K]): Promise<void>;
}

export const createCircuitShelf = (client: LabClient): CircuitShelf => ({
  list: () => client.call("circuits.list", null),
  save: async (circuit) => void (await client.call("circuits.save", circuit)),
  delete: async (id) => void (await client.call("circuits.delete", { id })),
  search: () => client.call("circuits.search", null),
  keepSearch: async (search) => void (await client.call("circuits.keepSearch", search)),
  tests: () => client.call("circuits.tests", null),
  keepTest: async (test) => void (await client.call("circuits.keepTest", test)),
  answers: async <K extends AnswerKind>(kind: K) => {
    const kept = await client.call("circuits.answers", kind);
    return kept.map(({ key, value }) => [key, value as AnswerOf[K]] as const);
  },
  keepAnswer: async (kind, key, value) => {
    const savedAt = new Date().toISOString();
    await client.call("circuits.keepAnswer", { kind, key, value, savedAt } as KeptAnswer);
  },
});
