/** Which of a feature's tests is looked at: the one chosen last, or else the newest. */
import { useState } from "react";
import type { HypothesisTest } from "../../core/feature-notes.ts";

export function useChosenTest(tests: readonly HypothesisTest[]): {
  test: HypothesisTest | null;
  choose: (id: string) => void;
} {
  const [id, choose] = useState<string | null>(null);
  return { test: tests.find((test) => test.id === id) ?? tests.at(-1) ?? null, choose };
}
