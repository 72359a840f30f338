/** The texts that the model goes on to write, plain and steered, each pair from one seed. */
import { useRef, useState } from "react";
import { differing, firstDifference } from "../../charts/continuation.ts";
import { ContinuationText } from "../../charts/continuation-text.tsx";
import { useLab } from "../../state/context.ts";
import { useText } from "../../state/options-slice.ts";
import { isEmptyPrompt } from "../../state/prompt-slice.ts";
import { useSampling } from "../../state/sampling.ts";
import {
  isGenerating,
  isOutdated,
  MOST_SAMPLES,
  NO_TEXT,
  sampleCount,
  type Continuation,
  type SteerSample,
} from "../../state/steer-text-slice.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import { Figure } from "../../ui/figure.tsx";
import { formatSigned } from "../../ui/format.ts";
import { SmallNumber } from "../../ui/small-number.tsx";
import { SamplingFields } from "../../ui/sampling-fields.tsx";
import { SaveExperiment } from "./save-experiment.tsx";
import { useSteerPython } from "./use-steer-python.ts";

/** Where nothing was written yet. */
const NOTHING: readonly SteerSample[] = [{ seed: 0, plain: NO_TEXT, steered: NO_TEXT }];

export function Continuations() {
  const written = useLab((s) => s.steerSamples);
  const generate = useLab((s) => s.generateBoth);
  const stop = useLab((s) => s.stopGenerating);
  const running = useLab(isGenerating);
  const count = useLab(sampleCount);
  const [, setCount] = useText("steer.samples", "1");
  const [sampling, setSampling] = useSampling();
  const python = useSteerPython();
  const [wrong, setWrong] = useState(false);
  const [wrongCount, setWrongCount] = useState(false);
  const empty = useLab(isEmptyPrompt);
  // The texts belong to what was on the bench when they were generated.
  const outdated = useLab((s) => s.generatedWith !== null && isOutdated(s.generatedWith, s));
  const texts = useRef<HTMLDivElement>(null);
  const start = () => {
    void generate();
    texts.current?.scrollIntoView({ block: "nearest" }); // they may lie below the window
  };
  const samples = written.length > 0 ? written : NOTHING;
  const hasText = written.some(({ plain, steered }) => plain.text + steered.text !== "");
  return (
    <Figure
      title="Continuations"
      name="continuations"
      table={() => textTable(written)}
      python={python.text}
      className="continuations"
      what={{
        words:
          "The prompt is continued from the same seed without steering and with it; further samples take the seeds after it. Each step draws one random number for both texts, so as long as the distributions agree the words do. Tokens that differ from the other text’s token at the same step are underlined. Probabilities are before temperature, top k and top p. When a text has ended, the unsteered and the steered model both read it, and its tokens tell ln p under each, in nats.",
        formula: "Δ ln p = ln p_steered(token | before) − ln p_plain(token | before)",
      }}
      controls={
        <>
          {hasText && !running && <SaveExperiment />}
          {running ? (
            <Button icon="stop" onClick={stop}>
              Stop
            </Button>
          ) : (
            <Button
              kind="primary"
              icon="play"
              disabled={wrong || wrongCount || empty}
              onClick={start}
            >
              Generate
            </Button>
          )}
        </>
      }
    >
      <div className="steer-sampling">
        <SamplingFields value={sampling} onChange={setSampling} onWrong={setWrong} />
        <SmallNumber
          shown="Samples"
          label="Samples of each"
          value={count}
          min={1}
          max={MOST_SAMPLES}
          whole
          onWrong={setWrongCount}
          onChange={(n) => setCount(String(n))}
        />
      </div>
      {outdated && !running && (
        <p className="quiet">
          The model, the prompt, the steering or the sampling changed since these were written.
        </p>
      )}
      <div ref={texts} className={outdated && !running ? "stack stale" : "stack"}>
        {samples.map((sample, i) => (
          <Pair key={i} sample={sample} many={samples.length > 1} />
        ))}
      </div>
    </Figure>
  );
}

function textTable(samples: readonly SteerSample[]) {
  return {
    columns: [
      ...["seed", "side", "step", "token", "id", "probability"],
      ...["ln p plain (nats)", "ln p steered (nats)"],
    ],
    rows: samples.flatMap(({ seed, plain, steered }) =>
      Object.entries({ plain, steered }).flatMap(([side, { tokens, scores }]) =>
        tokens.map(({ text, id, probability }, step) => [
          ...[seed, side, step, text, id, probability],
          ...[scores?.plain[step] ?? null, scores?.steered[step] ?? null],
        ]),
      ),
    ),
  };
}

function Pair({ sample, many }: { sample: SteerSample; many: boolean }) {
  const { seed, plain, steered } = sample;
  const running = [plain, steered].some(({ status }) => status === "running");
  const first = firstDifference(plain.tokens, steered.tokens);
  const of = many ? `, seed ${seed}` : "";
  return (
    <div className="steer-sample">
      {many && <h3 className="quiet">Seed {seed}</h3>}
      <div className="continuation-pair">
        <Side title="Plain" of={of} side={plain} other={steered} />
        <Side title="Steered" of={of} side={steered} other={plain} />
      </div>
      <p className="quiet" role="status">
        {summaryWords(plain, steered, running, first)}
      </p>
    </div>
  );
}

function summaryWords(
  plain: Continuation,
  steered: Continuation,
  running: boolean,
  first: number | null,
) {
  if (running || plain.tokens.length === 0 || steered.tokens.length === 0) return "";
  if (first !== null) return `The texts part at step ${first + 1}.`;
  return plain.tokens.length === steered.tokens.length ? "Both texts are the same." : "";
}

interface SideProps {
  title: string;
  /** ", seed 7" where there are several. */
  of: string;
  side: Continuation;
  other: Continuation;
}
function Side({ title, of, side, other }: SideProps) {
  const prompt = useLab((s) => s.generatedWith?.text ?? s.text);
  const [copied, setCopied] = useState<"no" | "yes" | "failed">("no");
  const copy = () =>
    navigator.clipboard
      .writeText(prompt + side.text)
      .then(() => setCopied("yes"))
      .catch(() => setCopied("failed"));
  return (
    <section className={`continuation ${title.toLowerCase()}`} aria-label={title + of}>
      <div className="continuation-head">
        <h3>{title}</h3>
        <span className="quiet">{statusWords(side)}</span>
        <IconButton
          icon="copy"
          label={`Copy the ${title.toLowerCase()} text${of}`}
          disabled={side.text === ""}
          onClick={() => void copy()}
          onBlur={() => setCopied("no")}
        />
      </div>
      {copied !== "no" && (
        <p className="quiet" role="status">
          {copied === "yes"
            ? "Copied."
            : "The browser did not allow copying; select the text instead."}
        </p>
      )}
      {side.error ? (
        <ErrorCard title="Generating" error={side.error} />
      ) : (
        <ContinuationText
          label={`${title} continuation${of}`}
          prompt={prompt}
          tokens={side.tokens}
          marked={differing(side.tokens, other.tokens, isOpen(other))}
          running={side.status === "running"}
          more={(i) => chanceWords(side, i)}
        />
      )}
    </section>
  );
}

const isOpen = ({ status }: Continuation) => status === "running" || status === "waiting";

/** ", ln p −1.40 plain, −0.31 steered, Δ +1.09" once both models have read the text. */
function chanceWords({ scores }: Continuation, i: number): string {
  const [plain, steered] = [scores?.plain[i], scores?.steered[i]];
  if (plain === undefined || steered === undefined) return "";
  return `; ln p ${formatSigned(plain)} plain, ${formatSigned(steered)} steered, Δ ${formatSigned(steered - plain)}`;
}

function statusWords({ status, tokens, scores }: Continuation): string {
  const count = `${tokens.length} ${tokens.length === 1 ? "token" : "tokens"}`;
  const mean = (list: readonly number[]) => list.reduce((sum, x) => sum + x, 0) / list.length;
  const told =
    scores && scores.plain.length > 0
      ? `, mean Δ ln p ${formatSigned(mean(scores.steered) - mean(scores.plain))}`
      : "";
  return {
    idle: "",
    waiting: "waiting",
    running: count,
    failed: "",
    length: count + told,
    "end-of-text": `${count}, ended by itself${told}`,
    stop: count + told,
    "context-full": `${count}, the context is full${told}`,
    cancelled: `${count}, stopped${told}`,
  }[status];
}
