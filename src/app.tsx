/** The bench: top bar, rail of labs, the lab in the middle, the inspector. Each lab but the first is fetched on use. */
import { lazy, Suspense, type ComponentType } from "react";
import { Bar } from "./panels/bar/index.tsx";
import { DropTarget } from "./panels/bar/drop-target.tsx";
import { Notices } from "./panels/bar/notices.tsx";
import { useShortcuts } from "./panels/bar/use-shortcuts.ts";
import { EditBar } from "./panels/edits/index.tsx";
import { GalleryNote } from "./panels/gallery/note.tsx";
import { Explore } from "./panels/explore/index.tsx";
import { TaskLine } from "./panels/train/task-line.tsx";
import { Inspector } from "./panels/inspector/index.tsx";
import { useLab } from "./state/context.ts";
import { useOrigin } from "./state/origin.ts";
import type { LabTab } from "./state/view-slice.ts";
import { Empty } from "./ui/empty.tsx";
import { Icon } from "./ui/icons.tsx";
import { BasisContext } from "./ui/basis.tsx";
import { OriginContext } from "./ui/provenance.ts";

/** Of package.json, put in by the build. */
declare const APP_VERSION: string;

const GalleryDialog = lazy(() => import("./panels/gallery/index.tsx"));

interface LabEntry {
  id: LabTab;
  name: string;
  Panel: ComponentType;
}
const LABS: readonly LabEntry[] = [
  { id: "explore", name: "Explore", Panel: Explore },
  { id: "features", name: "Features", Panel: lazy(() => import("./panels/features/index.tsx")) },
  { id: "train", name: "Train", Panel: lazy(() => import("./panels/train/index.tsx")) },
  { id: "steer", name: "Steer", Panel: lazy(() => import("./panels/steer/index.tsx")) },
  { id: "circuits", name: "Circuits", Panel: lazy(() => import("./panels/circuits/index.tsx")) },
];

export function App() {
  const tab = useLab((s) => s.labTab);
  const galleryOpen = useLab((s) => s.galleryOpen);
  useShortcuts(LABS.map(({ id }) => id));
  const basis = useLab((s) => s.basis);
  const origin = useOrigin(APP_VERSION);
  const lab = LABS.find(({ id }) => id === tab) ?? LABS[0]!;
  return (
    <OriginContext value={origin}>
      <BasisContext value={basis}>
        <div className="shell">
          <a className="skip-link" href="#lab">
            Skip to the lab
          </a>
          <Bar />
          <Rail />
          <main id="lab" className="lab" tabIndex={-1} aria-label={lab.name}>
            <Notices />
            {tab === "explore" && <GalleryNote />}
            <Suspense fallback={<Empty title={`Opening ${lab.name} …`} />}>
              <lab.Panel />
            </Suspense>
            <TaskLine />
          </main>
          <Inspector />
          <EditBar />
          <DropTarget />
          <Suspense>{galleryOpen && <GalleryDialog />}</Suspense>
        </div>
      </BasisContext>
    </OriginContext>
  );
}

function Rail() {
  const tab = useLab((s) => s.labTab);
  const setLab = useLab((s) => s.setLab);
  return (
    <nav className="rail" aria-label="Labs">
      <ul>
        {LABS.map(({ id, name }, i) => (
          <li key={id}>
            <button
              type="button"
              aria-current={id === tab ? "page" : undefined}
              title={`${name} (${i + 1})`}
              onClick={() => setLab(id)}
            >
              <Icon name={id} />
              <span>{name}</span>
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
