/** A study that takes its time: how it stands, and a way to stop it and to ask again. */
import { useState } from "react";
import type { StudyName, StudyOptions, StudyProgress, StudyValue } from "../../../api/lab.ts";
import { useLab } from "../../../state/context.ts";
import { type Asked, useStudy } from "../../../state/figures-slice.ts";

export interface Stoppable<S extends StudyName> {
  asked: Asked<StudyValue<S>, StudyProgress<S>>;
  stopped: boolean;
  stop: () => void;
  resume: () => void;
}

export function useStoppable<S extends StudyName>(
  name: S,
  options: StudyOptions<S> | null,
): Stoppable<S> {
  const own = JSON.stringify(options);
  const [stoppedAt, setStoppedAt] = useState<string | null>(null);
  const stopped = stoppedAt === own;
  const asked = useStudy(name, stopped ? null : options);
  const stopAsking = useLab((s) => s.stopAsking);
  return {
    asked,
    stopped,
    stop: () => {
      stopAsking(`study.${name}`);
      setStoppedAt(own);
    },
    resume: () => setStoppedAt(null),
  };
}
