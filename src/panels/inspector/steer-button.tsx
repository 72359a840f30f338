/** Takes what the inspector shows to the Steer lab. */
import type { SteerSource } from "../../core/steer.ts";
import { useLab } from "../../state/context.ts";
import { Button } from "../../ui/button.tsx";

export function SteerButton({ source }: { source: SteerSource }) {
  const add = useLab((s) => s.addSteerSource);
  const setLab = useLab((s) => s.setLab);
  const tab = useLab((s) => s.labTab);
  return (
    <Button
      icon="steer"
      title={
        source.kind === "head"
          ? "Along what it writes at the end of the prompt"
          : "Turn it up or down and see what is written"
      }
      onClick={() => {
        add(source);
        if (tab !== "steer") setLab("steer");
      }}
    >
      Steer with it
    </Button>
  );
}
