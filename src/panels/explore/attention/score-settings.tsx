/** How heads are scored: the random tokens, and what `detect_head` leaves out. */
import { longestRepeat } from "../../../core/view-limit.ts";
import { useLab } from "../../../state/context.ts";
import { Checkbox } from "../../../ui/field.tsx";
import { NumberInput } from "../../../ui/number-input.tsx";
import { SCORE_WORDS } from "../../../charts/head-score-words.ts";
import { type HeadScores, useScoreOptions } from "./use-scores.ts";

export function ScoreSettings({ scores }: { scores: HeadScores }) {
  const { options, ...set } = useScoreOptions();
  const config = useLab((s) => (s.model.status === "ready" ? s.model.value.config : null));
  const most = config ? longestRepeat(config, options.prependBos) : 2;
  const detects = scores.score !== null && SCORE_WORDS[scores.score].by === "detect_head";
  return (
    <div className="row">
      {scores.on === "repeats" && (
        <>
          <label className="row tight">
            <span className="quiet">tokens, then the same again:&nbsp;</span>
            <NumberInput
              label="Random tokens in a sequence"
              value={options.length ?? Math.min(100, most)}
              min={2}
              max={most}
              whole
              className="narrow"
              onChange={set.setLength}
            />
          </label>
          <label className="row tight">
            <span className="quiet">sequences&nbsp;</span>
            <NumberInput
              label="Sequences"
              value={options.rows}
              min={1}
              max={64}
              whole
              className="narrow"
              onChange={set.setRows}
            />
          </label>
          <label className="row tight">
            <span className="quiet">seed&nbsp;</span>
            <NumberInput
              label="Seed of the random tokens"
              value={options.seed}
              min={0}
              max={999999}
              whole
              className="narrow"
              onChange={set.setSeed}
            />
          </label>
          <Checkbox
            label="BOS before them"
            title="TransformerLens’s demo has none"
            checked={options.prependBos}
            onChange={set.setPrependBos}
          />
        </>
      )}
      {detects && (
        <>
          <Checkbox
            label="exclude_bos"
            title="Leave the first column out of pattern and sum, whatever its token is"
            checked={options.excludeFirst}
            onChange={set.setExcludeFirst}
          />
          <Checkbox
            label="exclude_current_token"
            title="Leave the diagonal out of pattern and sum"
            checked={options.excludeCurrent}
            onChange={set.setExcludeCurrent}
          />
        </>
      )}
    </div>
  );
}
