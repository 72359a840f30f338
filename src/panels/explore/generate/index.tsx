/** Generate: the prompt gone on with token by token, what could have come at each step, and branches from there. */
import { useEffect, useState } from "react";
import { surprisal } from "../../../charts/written.ts";
import { outline } from "../../../state/branch-tree.ts";
import { useLab } from "../../../state/context.ts";
import { isWriting, isWrittenElsewhere, type Written } from "../../../state/generate-slice.ts";
import { useChoice } from "../../../state/options-slice.ts";
import { isEmptyPrompt } from "../../../state/prompt-slice.ts";
import { useSampling } from "../../../state/sampling.ts";
import { Button } from "../../../ui/button.tsx";
import { Checkbox } from "../../../ui/field.tsx";
import type { Table } from "../../../ui/figure-numbers.ts";
import { Figure } from "../../../ui/figure.tsx";
import { SamplingFields } from "../../../ui/sampling-fields.tsx";
import { isTyping } from "../../../ui/typing.ts";
import { Elsewhere } from "./elsewhere.tsx";
import "./generate.css";
import { useGeneratePython } from "./use-generate-python.ts";
import { WHAT_GENERATE } from "./what.ts";
import { WrittenSides } from "./written-sides.tsx";

export default function GenerateView() {
  const [sampling, setSampling] = useSampling();
  const [wrong, setWrong] = useState(false);
  const [shade, setShade] = useChoice("generate.shade", ["surprise", "none"]);
  const written = useLab((s) => s.written);
  const elsewhere = useLab((s) => s.written !== null && isWrittenElsewhere(s.written, s));
  const running = useLab(isWriting);
  const cannot = useLab((s) => s.model.status !== "ready" || isEmptyPrompt(s)) || wrong;
  const write = useLab((s) => s.write);
  const stop = useLab((s) => s.stopWriting);
  const clear = useLab((s) => s.clearWritten);
  const python = useGeneratePython(sampling);
  useStepKey(() => {
    if (!cannot && !running) void write(1);
  });
  return (
    <Figure
      title="Generate"
      name="generated-text"
      what={WHAT_GENERATE}
      table={() => tableOf(written)}
      python={
        elsewhere
          ? { none: "these texts are of another prompt, other edits or another model." }
          : python
      }
      controls={
        <div className="row">
          {written && !running && (
            <Button kind="quiet" onClick={clear}>
              Clear
            </Button>
          )}
          <Button
            disabled={cannot || running}
            title="One more token (n)"
            onClick={() => void write(1)}
          >
            Step
          </Button>
          {running ? (
            <Button kind="primary" icon="stop" onClick={stop}>
              Stop
            </Button>
          ) : (
            <Button
              kind="primary"
              icon="play"
              disabled={cannot}
              onClick={() => void write(sampling.maxNewTokens)}
            >
              {written && !elsewhere ? "Go on" : "Generate"}
            </Button>
          )}
        </div>
      }
    >
      <SamplingFields value={sampling} onChange={setSampling} onWrong={setWrong} />
      <Elsewhere />
      {written ? (
        <>
          <div className="row written-legend">
            <Checkbox
              label="Shade by surprise"
              checked={shade === "surprise"}
              onChange={(on) => setShade(on ? "surprise" : "none")}
            />
            {shade === "surprise" && (
              <span className="scale-bar">
                0 <span className="swatch feature" /> 10 bits or more
              </span>
            )}
          </div>
          <WrittenSides written={written} shaded={shade === "surprise"} />
        </>
      ) : (
        <p className="quiet">
          Generate writes as many tokens as the first field says; Step, or the key n, writes one.
        </p>
      )}
    </Figure>
  );
}

/** n writes one more token, wherever the focus is, unless something is typed. */
function useStepKey(step: () => void) {
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.key !== "n" || e.ctrlKey || e.metaKey || e.altKey || isTyping(e.target)) return;
      e.preventDefault();
      step();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
}

/** Every branch's own tokens; a branch shares those before its first step with the one that its name begins with. */
function tableOf(written: Written | null): Table {
  const columns = ["side", "branch", "step", "token", "id", "probability", "surprisal (bits)"];
  const rows = (["a", "b"] as const).flatMap((side) => {
    const tree = written?.trees[side];
    return tree ? outline(tree).map((row) => ({ side, ...row })) : [];
  });
  return {
    columns: [...columns, "rank", "chosen by hand"],
    rows: rows.flatMap(({ side, name, branch }) =>
      branch.tokens.map((token, i) => [
        ...[side, name, branch.at + i + 1, token.string, token.id, token.probability],
        ...[surprisal(token), token.rank, token.chosen ? "yes" : "no"],
      ]),
    ),
  };
}
