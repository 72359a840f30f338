/** What stands in a figure's place while its numbers are computed, and when they cannot be. */
import type { ReactNode } from "react";
import type { Asked } from "../../state/figures-slice.ts";
import { Empty } from "../../ui/empty.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";

export interface WhenAskedProps<T> {
  asked: Asked<T, unknown>;
  /** "The residual stream": what is computed. */
  what: string;
  children: (shown: T) => ReactNode;
}

/** The last answer stays on the screen, dimmed while the newest question has an error for an answer. */
export function WhenAsked<T>({ asked, what, children }: WhenAskedProps<T>) {
  const { shown, error } = asked;
  return (
    <>
      {error && <ErrorCard title={`${what} could not be computed`} error={error} />}
      {shown === null && !error && <Empty title={`${what}: computing …`} />}
      {shown !== null && <div className={error ? "stack stale" : "stack"}>{children(shown)}</div>}
    </>
  );
}
