/** The text that the model goes on to write, plain and steered, from the same seed. */
import { useRef, useState } from "react";
import { differing, firstDifference } from "../../charts/continuation.ts";
import { ContinuationText } from "../../charts/continuation-text.tsx";
import { useLab } from "../../state/context.ts";
import { isEmptyPrompt } from "../../state/prompt-slice.ts";
import { useSampling } from "../../state/sampling.ts";
import { isOutdated, type Continuation } from "../../state/steer-slice.ts";
import { Button, IconButton } from "../../ui/button.tsx";
import { ErrorCard } from "../../ui/error-card.tsx";
import { Figure } from "../../ui/figure.tsx";
import { SamplingFields } from "../../ui/sampling-fields.tsx";
import { useSteerPython } from "./use-steer-python.ts";

export function Continuations() {
  const { plain, steered } = useLab((s) => s.continuations);
  const generate = useLab((s) => s.generateBoth);
  const stop = useLab((s) => s.stopGenerating);
  const running = plain.status === "running" || steered.status === "running";
  const [sampling, setSampling] = useSampling();
  const python = useSteerPython();
  const [wrong, setWrong] = useState(false);
  const empty = useLab(isEmptyPrompt);
  // The texts belong to what was on the bench when they were generated.
  const outdated = useLab((s) => s.generatedWith !== null && isOutdated(s.generatedWith, s));
  const texts = useRef<HTMLDivElement>(null);
  const start = () => {
    void generate();
    texts.current?.scrollIntoView({ block: "nearest" }); // they may lie below the window
  };
  const first = firstDifference(plain.tokens, steered.tokens);
  return (
    <Figure
      title="Continuations"
      name="continuations"
      table={() => ({
        columns: ["side", "step", "token", "id", "probability"],
        rows: Object.entries({ plain, steered }).flatMap(([side, { tokens }]) =>
          tokens.map(({ text, id, probability }, step) => [side, step, text, id, probability]),
        ),
      })}
      python={python(sampling)}
      className="continuations"
      what={{
        words:
          "The prompt is continued twice from the same seed, without steering and with it. Each step draws one random number for both texts, so as long as the distributions agree the words do. Tokens that differ from the other text’s token at the same step are underlined. A token’s probability is the model’s own, before temperature, top k and top p.",
      }}
      controls={
        running ? (
          <Button icon="stop" onClick={stop}>
            Stop
          </Button>
        ) : (
          <Button kind="primary" icon="play" disabled={wrong || empty} onClick={start}>
            Generate
          </Button>
        )
      }
    >
      <SamplingFields value={sampling} onChange={setSampling} onWrong={setWrong} />
      {outdated && !running && (
        <p className="quiet">
          The model, the prompt, the features or the sampling changed since these were written.
        </p>
      )}
      <div ref={texts} className={`continuation-pair ${outdated && !running ? "stale" : ""}`}>
        <Side title="Plain" side={plain} other={steered} />
        <Side title="Steered" side={steered} other={plain} />
      </div>
      <p className="quiet" role="status">
        {summaryWords(plain, steered, running, first)}
      </p>
    </Figure>
  );
}

function summaryWords(
  plain: Continuation,
  steered: Continuation,
  running: boolean,
  first: number | null,
) {
  if (running || plain.status === "idle" || steered.status === "failed") return "";
  if (first !== null) return `The texts part at step ${first + 1}.`;
  return plain.tokens.length === steered.tokens.length ? "Both texts are the same." : "";
}

interface SideProps {
  title: string;
  side: Continuation;
  other: Continuation;
}
function Side({ title, side, other }: SideProps) {
  const prompt = useLab((s) => s.generatedWith?.text ?? s.text);
  const [copied, setCopied] = useState<"no" | "yes" | "failed">("no");
  const copy = () =>
    navigator.clipboard
      .writeText(prompt + side.text)
      .then(() => setCopied("yes"))
      .catch(() => setCopied("failed"));
  return (
    <section className={`continuation ${title.toLowerCase()}`} aria-label={title}>
      <div className="continuation-head">
        <h3>{title}</h3>
        <span className="quiet">{statusWords(side)}</span>
        <IconButton
          icon="copy"
          label={`Copy the ${title.toLowerCase()} text`}
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
          label={`${title} continuation`}
          prompt={prompt}
          tokens={side.tokens}
          marked={differing(side.tokens, other.tokens, other.status === "running")}
          running={side.status === "running"}
        />
      )}
    </section>
  );
}

function statusWords({ status, tokens }: Continuation): string {
  const count = `${tokens.length} ${tokens.length === 1 ? "token" : "tokens"}`;
  return {
    idle: "",
    running: count,
    failed: "",
    length: count,
    "end-of-text": `${count}, ended by itself`,
    stop: count,
    "context-full": `${count}, the context is full`,
    cancelled: `${count}, stopped`,
  }[status];
}
