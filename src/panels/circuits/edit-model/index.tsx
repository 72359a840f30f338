/** Edit the model: a list of changes of its weights on a copy of it, fine-tuning, what it did to the rest, and the way out. */
import { useEffect, useId } from "react";
import { useLab } from "../../../state/context.ts";
import { ErrorCard } from "../../../ui/error-card.tsx";
import { Progress } from "../../../ui/progress.tsx";
import { AddForm } from "./add-form.tsx";
import { DriftFigure } from "./drift-figure.tsx";
import { EditedHead } from "./edited-head.tsx";
import { EditList } from "./edit-list.tsx";
import { TuneFigure } from "./tune-figure.tsx";
import "./edit-model.css";

export default function EditModel() {
  const model = useLab((s) => s.model);
  const models = useLab((s) => s.editedModels);
  const refresh = useLab((s) => s.refreshEdited);
  const refreshTask = useLab((s) => s.refreshTask);
  const readTune = useLab((s) => s.readTune);
  const error = useLab((s) => s.editedError);
  const title = useId();
  useEffect(() => {
    if (model.status !== "ready") return;
    void refresh();
    void readTune();
    void refreshTask(); // its pairs can be trained on and scored
  }, [model, refresh, refreshTask, readTune]);
  if (models.status === "failed") {
    return <ErrorCard title="The edited models cannot be read" error={models.error} />;
  }
  if (models.status !== "ready") return <Progress label="Reading the edited models" share={null} />;
  return (
    <>
      <section className="figure" aria-labelledby={title}>
        <h2 id={title}>The edited model</h2>
        <EditedHead />
        {error && <ErrorCard title="The change is not stored" error={error} />}
        <EditList />
        <AddForm />
      </section>
      <TuneFigure />
      <DriftFigure />
    </>
  );
}
