/** Going on from where a run stands with other settings: a new run, beside the one it comes from. */
import { useState } from "react";
import { type ForkChange, forkName, SPARSITY_FIELD } from "../../core/sae-fork.ts";
import { DEFAULT_PACE, defaultRecipe } from "../../core/sae-recipe.ts";
import type { SaeSummary, TrainRequest } from "../../core/sae.ts";
import { useLab } from "../../state/context.ts";
import { readNumber } from "../../state/train-form.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";

const LABEL = { l1: "λ", k: "k", targetL0: "Active features to aim at" } as const;

type Typed = Record<"sparsity" | "lr" | "tokens" | "name", string>;

export function ForkForm({
  sae,
  request,
  onDone,
}: {
  sae: SaeSummary;
  request: TrainRequest;
  onDone: () => void;
}) {
  const fork = useLab((s) => s.forkTraining);
  const running = useLab((s) => s.training.status === "running");
  const field = SPARSITY_FIELD[request.variant];
  const asked = {
    ...defaultRecipe(request.variant, request.dSae),
    ...request,
  } as unknown as Record<string, number>;
  const used = sae.trainedTokens ?? 0;
  const lr = request.lr ?? DEFAULT_PACE.lr;
  const [typed, setTyped] = useState<Typed>({
    sparsity: String(asked[field]),
    lr: String(lr),
    tokens: String(Math.max(request.tokens, sae.status === "finished" ? 2 * used : 0)),
    name: "",
  });
  const numbers = {
    sparsity: readNumber(typed.sparsity),
    lr: readNumber(typed.lr),
    tokens: readNumber(typed.tokens),
  };
  const problems = forkProblems(numbers, typed, { used, field, dSae: request.dSae });
  const change: ForkChange = {
    [field]: numbers.sparsity,
    lr: numbers.lr,
    tokens: numbers.tokens,
    ...(typed.name.trim() && { name: typed.name.trim() }),
  };
  const step = Math.round(used / (request.batchSize ?? DEFAULT_PACE.batchSize));
  const sound = Object.values(problems).every((problem) => problem === null);
  const set = (key: keyof Typed) => (text: string) => setTyped({ ...typed, [key]: text });
  return (
    <form
      className="fork-form"
      aria-label={`Fork ${sae.name}`}
      onSubmit={(e) => {
        e.preventDefault();
        onDone();
        void fork(sae.id, change);
      }}
      onKeyDown={(e) => {
        if (e.key === "Escape") onDone();
      }}
    >
      <TextField
        label={LABEL[field]}
        value={typed.sparsity}
        onChange={set("sparsity")}
        error={problems.sparsity}
        inputMode="decimal"
        mono
        autoFocus
      />
      <TextField
        label="Learning rate"
        value={typed.lr}
        onChange={set("lr")}
        error={problems.lr}
        inputMode="decimal"
        mono
      />
      <TextField
        label="Tokens in all"
        hint={`${used.toLocaleString("en-US")} are used`}
        value={typed.tokens}
        onChange={set("tokens")}
        error={problems.tokens}
        inputMode="decimal"
        mono
      />
      <TextField
        label="Name"
        value={typed.name}
        onChange={set("name")}
        placeholder={sound ? forkName({ name: sae.name, request }, change, step) : ""}
        maxLength={80}
      />
      <div className="row">
        <button type="submit" className="button primary" disabled={!sound || running}>
          Start the fork
        </button>
        <Button kind="quiet" onClick={onDone}>
          Leave it
        </Button>
      </div>
    </form>
  );
}

interface ForkNumbers {
  sparsity: number;
  lr: number;
  tokens: number;
}
/** What is wrong with each value; null where nothing is. */
function forkProblems(
  { sparsity, lr, tokens }: ForkNumbers,
  typed: Pick<Typed, keyof ForkNumbers>,
  { used, field, dSae }: { used: number; field: keyof typeof LABEL; dSae: number },
): Record<keyof ForkNumbers, string | null> {
  const top = field === "l1" ? 1e4 : dSae;
  const least = field === "l1" ? 0 : 1;
  const whole = field !== "k" || Number.isInteger(sparsity);
  const fits = sparsity >= least && sparsity <= top && whole;
  return {
    sparsity: fits
      ? null
      : `From ${least} to ${top.toLocaleString("en-US")}${field === "k" ? ", a whole number" : ""}, not “${typed.sparsity}”.`,
    lr: lr >= 1e-7 && lr <= 1 ? null : `From 0.0000001 to 1, not “${typed.lr}”.`,
    tokens:
      Number.isSafeInteger(tokens) && tokens > used && tokens <= 1e10
        ? null
        : `A whole number above ${used.toLocaleString("en-US")}, which are used already; not “${typed.tokens}”.`,
  };
}
