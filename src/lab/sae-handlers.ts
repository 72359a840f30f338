/** The worker's methods for SAEs. TensorFlow.js is loaded only when something is trained or measured. */
import { appUrl } from "../core/app-url.ts";
import { NO_NOTES } from "../core/feature-notes.ts";
import { LabError } from "../core/lab-error.ts";
import { exportSae } from "../formats/sae-lens.ts";
import type { Handlers } from "../rpc/serve.ts";
import { NOTES_FILE, writeNotes } from "../formats/feature-notes.ts";
import { deleteNotes } from "../storage/notes-store.ts";
import { deleteMap } from "../storage/map-store.ts";
import { deleteReport } from "../storage/report-store.ts";
import { ownerOf, storedNotes } from "./notes-handlers.ts";
import { featureDashboard, featureExamples, featureTable, fittingModel } from "./sae-dashboard.ts";
import { importFiles, importFromHub } from "./sae-import.ts";
import { exclusively, pauseRun, refuseIfRunning, stoppedRunEnded } from "./sae-queue.ts";
import { bench } from "./bench.ts";
import { leadOf } from "./sae-job.ts";
import { withSaeLock } from "./sae-lock.ts";
import { trainingRoom } from "./training-room.ts";
import { runStarted, trainHandlers } from "./sae-train-handlers.ts";
import * as shelf from "./sae-shelf.ts";

type SaeHandlers = Pick<Handlers, Extract<keyof Handlers, `sae.${string}`>>;

export const saeHandlers: SaeHandlers = {
  "sae.list": async () => {
    await stoppedRunEnded(); // its last checkpoint belongs on the list
    return { value: await shelf.listAll() };
  },

  ...trainHandlers,

  "sae.fork": ({ id, change }, context) =>
    exclusively("a forked run", context, async (run) => {
      const model = bench.require();
      const { fork } = await import("./sae-fork.ts");
      const job = await fork(id, change, model, run.pause);
      run.id = leadOf(job).summary.id;
      const [summary] = await withSaeLock(run.id, () => runStarted(job, context));
      return { value: summary! };
    }),

  "sae.watch": async ({ on }) => {
    const { watched } = await import("../train/feature-strip.ts");
    watched.on = on;
    return { value: null };
  },

  "sae.trial": (request, context) =>
    exclusively("a trial of training", context, async () => {
      const { runTrial } = await import("./sae-trial.ts");
      return { value: await runTrial(bench.require(), request, context) };
    }),

  "sae.room": () => Promise.resolve({ value: trainingRoom(bench.require()) }),

  "sae.pause": ({ paused }) => {
    pauseRun(paused);
    return Promise.resolve({ value: null });
  },

  "sae.measure": ({ id, again, texts }, context) =>
    exclusively("a measurement", context, async (run) => {
      run.id = id;
      const { summary } = await shelf.openSae(id);
      if (summary.status === "unfinished") {
        throw new LabError(
          "bad-input",
          `"${summary.name}" is not finished; go on with its training`,
        );
      }
      // What ships with the app is not stored here.
      const keep = !again || summary.origin === "shipped";
      if (summary.hasDashboards && keep) return { value: summary };
      const { measureStored } = await import("./sae-measure-stored.ts");
      const model = fittingModel(summary);
      return { value: await withSaeLock(id, () => measureStored(id, texts, model, context)) };
    }),

  "sae.rename": async ({ id, name }) => ({ value: await shelf.renameSae(id, name) }),

  "sae.delete": async ({ id }) => {
    await refuseIfRunning(id);
    await withSaeLock(id, () => shelf.removeSae(id));
    await deleteReport(id);
    await deleteMap(id);
    await deleteNotes(id);
    return { value: null };
  },

  "sae.export": async ({ id }) => {
    const { config, weights, summary } = await shelf.openSae(id);
    const files = exportSae(config, weights, summary.name);
    // A browser without storage keeps none, and gives the SAE all the same.
    const notes = await storedNotes(summary).catch(() => NO_NOTES);
    if (notes.features.size > 0 || notes.lists.length > 0) {
      files.push({ name: NOTES_FILE, bytes: writeNotes(notes, ownerOf(summary)) });
    }
    return { value: files };
  },

  "sae.import": async ({ files, said, folder }) => ({
    value: await importFiles(files, said, { folder }),
  }),
  "sae.fetch": async ({ place, said }, { signal, progress }) => ({
    value: await importFromHub(place, said, { baseUrl: new URL(appUrl("./")), signal, progress }),
  }),

  "sae.weights": async ({ id }) => {
    const { config, weights } = await shelf.openSae(id);
    return { value: { config, weights } };
  },

  "sae.features": async ({ id }) => ({ value: await featureTable(id) }),
  "sae.examples": async ({ id, feature, n }) => ({ value: await featureExamples(id, feature, n) }),
  "sae.dashboard": async ({ id, feature, basis }) => ({
    value: await featureDashboard(id, feature, basis),
  }),
};
