/** The first lab: one prompt, and all that the model does with it. Each view but the first is fetched on use. */
import { lazy, Suspense, type ComponentType } from "react";
import { useLab } from "../../state/context.ts";
import type { ExploreView } from "../../state/view-slice.ts";
import { Empty } from "../../ui/empty.tsx";
import { Tabs } from "../../ui/segmented.tsx";
import { AttentionView } from "./attention/index.tsx";

interface ViewEntry {
  value: ExploreView;
  label: string;
  /** What it answers. */
  title: string;
  View: ComponentType;
}
const VIEWS: readonly ViewEntry[] = [
  {
    value: "attention",
    label: "Attention",
    title: "Where does each head look?",
    View: AttentionView,
  },
  {
    value: "prediction",
    label: "Prediction",
    title: "What does the model expect, and how far did it expect this?",
    View: lazy(() => import("./prediction/index.tsx")),
  },
  {
    value: "lens",
    label: "Logit lens",
    title: "What would each layer predict, if it were the last?",
    View: lazy(() => import("./lens/index.tsx")),
  },
  {
    value: "attribution",
    label: "Attribution",
    title: "Which parts write the next token?",
    View: lazy(() => import("./attribution/index.tsx")),
  },
  {
    value: "residual",
    label: "Residual stream",
    title: "How does the vector of a position grow?",
    View: lazy(() => import("./residual/index.tsx")),
  },
  {
    value: "neurons",
    label: "Neurons",
    title: "Which MLP neurons are active, and what are they for?",
    View: lazy(() => import("./neurons/index.tsx")),
  },
  {
    value: "weights",
    label: "Weights",
    title: "What do the heads’ weights alone say?",
    View: lazy(() => import("./weights/index.tsx")),
  },
  {
    value: "examples",
    label: "Find examples",
    title: "In which text is a direction strongest?",
    View: lazy(() => import("./examples/index.tsx")),
  },
  {
    value: "generate",
    label: "Generate",
    title: "What does the model go on to write?",
    View: lazy(() => import("./generate/index.tsx")),
  },
];

export function Explore() {
  const current = useLab((s) => s.exploreView);
  const setExploreView = useLab((s) => s.setExploreView);
  const entry = VIEWS.find(({ value }) => value === current) ?? VIEWS[0]!;
  return (
    <div className="explore-lab">
      <Tabs
        label="Views of the prompt"
        value={entry.value}
        choices={VIEWS}
        onChange={setExploreView}
      >
        <Suspense fallback={<Empty title={`Opening ${entry.label} …`} />}>
          <entry.View />
        </Suspense>
      </Tabs>
    </div>
  );
}
