/** Before the first run: what pressing Train will do, with the form's own numbers. */
import type { TrainRequest } from "../../core/sae.ts";
import { useLab } from "../../state/context.ts";
import { chosenTexts } from "../../state/texts-slice.ts";
import { planTraining } from "../../state/train-form.ts";
import { Button } from "../../ui/button.tsx";
import { hookLabel } from "../../ui/hook-label.ts";

const say = (n: number) => n.toLocaleString("en-US");

export function Ahead() {
  const model = useLab((s) => s.model);
  const form = useLab((s) => s.trainRequest);
  const texts = useLab((s) => s.texts);
  const setLab = useLab((s) => s.setLab);
  if (model.status !== "ready") return null;
  const { id, config } = model.value;
  const { request, hook, dIn, dSae, steps, members } = planTraining(form, config);
  const { chosen } = chosenTexts(form, texts);
  const where = hookLabel(hook);
  return (
    <div className="ahead">
      <ol>
        <li>
          <h3>Listen</h3>
          <p>
            {id} reads {request ? `${say(request.tokens)} tokens` : "pieces"} of{" "}
            {chosen.length > 0 ? chosen.map(({ name }) => name).join(", ") : "the lab’s corpus"}.
            What passes through “{where}”, {say(dIn)} numbers a token, is collected as it reads.
          </p>
        </li>
        <li>
          <h3>Learn</h3>
          <p>
            {request ? `In ${say(steps)} steps, ` : ""}
            {members > 1
              ? `${say(members)} autoencoders are fitted on the same batches, each so that a few of its directions make up each activation.`
              : `${say(dSae)} directions are fitted so that ${request ? activeWords(request) : "a few"} of them make up each activation.`}{" "}
            Curves show live how well that goes; pause, cancel or close the page, and the run can go
            on later.
          </p>
        </li>
        <li>
          <h3>Look</h3>
          <p>
            The features are measured on text that was not trained on and stored in this browser,
            ready to explore, to steer with and to export.
          </p>
        </li>
      </ol>
      <p className="quiet">
        To see first what comes out of a run, open an autoencoder that is trained already:{" "}
        <Button kind="quiet" className="inline" onClick={() => setLab("features")}>
          Features
        </Button>
      </p>
    </div>
  );
}

/** "at most 32", "about 32", "a few" */
function activeWords(request: TrainRequest): string {
  switch (request.variant) {
    case "topk":
      return request.k === undefined ? "a few" : `at most ${say(request.k)}`;
    case "batchtopk":
    case "matryoshka":
      return request.k === undefined ? "a few" : `about ${say(request.k)}`;
    case "jumprelu":
      return request.targetL0 === undefined ? "a few" : `about ${say(request.targetL0)}`;
    case "standard":
    case "gated":
      return "a few";
  }
}
