/** The SAEs of this browser, the one on the bench, its feature list, and the feature that is looked at. */
import { EXAMPLE_WIDTHS, type ExampleWidth } from "../core/feature-studies.ts";
import { toLabError } from "../core/lab-error.ts";
import type { FeatureDashboard } from "../core/feature-dashboard.ts";
import type { FeatureTable, SaeSummary } from "../core/sae.ts";
import { DEFAULT_FEATURE_LIST, type FeatureListSettings } from "./feature-list.ts";
import { firstFeature } from "./first-feature.ts";
import { createNewest } from "./newest.ts";
import { defaultSae, saeMisfit } from "./sae-fit.ts";
import { saeForPrompt, selectedSae } from "./sae-on-bench.ts";
import { createShelfActions, type ShelfActions } from "./sae-shelf-actions.ts";
import type { Slice, Store } from "./store.ts";
import { IDLE, type Task } from "./task.ts";

export interface SaeSlice extends ShelfActions {
  saes: Task<SaeSummary[]>;
  /** Reads the shelf again; puts an SAE on the bench if none is there. Called whenever a model arrives. */
  refreshSaes: () => Promise<void>;
  /** The SAE on the bench. */
  saeId: string | null;
  /** By the user's choice, which is remembered. */
  selectSae: (id: string | null) => Promise<void>;
  /** The last that the user chose: what a later visit begins with, if it fits. */
  chosenSae: string | null;
  features: Task<FeatureTable>;
  feature: number | null;
  selectFeature: (feature: number | null) => Promise<void>;
  dashboard: Task<FeatureDashboard>;
  /** The last dashboard that was ready: stays on screen while the next is fetched. */
  shownDashboard: FeatureDashboard | null;
  /** Puts another SAE on the bench at one of its features. */
  openFeature: (saeId: string, feature: number) => Promise<void>;
  /** Features chosen on the map: the list shows these alone. null: all. */
  chosenFeatures: readonly number[] | null;
  setChosenFeatures: (features: readonly number[] | null) => void;
  /** A text to try features on, apart from the prompt. */
  tryText: string;
  setTryText: (text: string) => void;
  /** How much of each example is shown. */
  exampleWidth: ExampleWidth;
  setExampleWidth: (width: ExampleWidth) => void;
  featureList: FeatureListSettings;
  setFeatureList: (patch: Partial<FeatureListSettings>) => void;
}

/** Dashboards are made with the model's own tokens and unembedding: without a model that fits, there are none. */
function isReadable(state: Pick<Store, "saes" | "saeId" | "model">): boolean {
  const sae = selectedSae(state);
  return sae?.hasDashboards === true && saeForPrompt(state) !== null;
}

export const createSaeSlice: Slice<SaeSlice> = (lab) => (set, get, api) => {
  const listRuns = createNewest();
  const tableRuns = createNewest();
  const dashboardRuns = createNewest();

  const loadTable = async (id: string, promptRead: Promise<void>) => {
    const run = tableRuns.start();
    set({ features: { status: "running", progress: null } });
    try {
      const value = await lab.sae.features(id, { signal: run.signal });
      if (!run.isNewest()) return;
      set({ features: { status: "ready", value } });
      const named = get().feature;
      if (named === null || named >= value.rows.length) await promptRead;
      const { feature, shownView } = get();
      const wanted =
        feature !== null && feature < value.rows.length
          ? feature
          : firstFeature(value, shownView?.features ?? null);
      if (run.isNewest()) await get().selectFeature(wanted);
    } catch (e) {
      if (run.isNewest()) set({ features: { status: "failed", error: toLabError(e) } });
    }
  };

  const open = async (id: string | null) => {
    const { saeId: previous, feature } = get();
    tableRuns.stop();
    dashboardRuns.stop();
    set({ saeId: id, features: IDLE, dashboard: IDLE, shownDashboard: null });
    if (id !== previous) {
      // A link may name a feature before any SAE is chosen; another SAE's feature has another meaning.
      set({ feature: previous === null ? feature : null, chosenFeatures: null });
      get().adoptSteer(id);
    }
    const promptRead = get().refreshPrompt();
    if (id !== null && isReadable(get())) await loadTable(id, promptRead);
  };

  // A model that arrives decides which SAE fits the bench; effects on tokens are told in the basis that is chosen.
  api.subscribe((now, before) => {
    if (now.model !== before.model && now.model.status === "ready") void now.refreshSaes();
    if (now.basis !== before.basis && now.shownDashboard) void now.selectFeature(now.feature);
  });

  return {
    ...createShelfActions(lab)(set, get, api),
    saes: IDLE,
    saeId: null,
    features: IDLE,
    feature: null,
    dashboard: IDLE,
    shownDashboard: null,
    openFeature: async (saeId, feature) => {
      const selected = get().selectSae(saeId);
      set({ feature }); // which the new table finds named
      await selected;
    },
    chosenFeatures: null,
    setChosenFeatures: (chosenFeatures) => set({ chosenFeatures }),
    tryText: "",
    setTryText: (tryText) => set({ tryText }),
    exampleWidth: EXAMPLE_WIDTHS[0],
    setExampleWidth: (exampleWidth) => set({ exampleWidth }),
    featureList: DEFAULT_FEATURE_LIST,
    setFeatureList: (patch) => set({ featureList: { ...get().featureList, ...patch } }),

    refreshSaes: async () => {
      const run = listRuns.start();
      if (get().saes.status !== "ready") set({ saes: { status: "running", progress: null } });
      try {
        const value = await lab.sae.list();
        if (!run.isNewest()) return;
        set({ saes: { status: "ready", value } });
        const { model, saeId, features, chosenSae } = get();
        const known = value.find(({ id }) => id === saeId);
        if (saeId !== null && !known) {
          const words = `The autoencoder “${saeId}” is not stored in this browser.`;
          set({ shelf: { status: "ready", value: words } });
        }
        const fallback =
          model.status === "ready" ? defaultSae(value, model.value, chosenSae) : null;
        const fits =
          known && model.status === "ready" && saeMisfit(known.config, model.value) === null;
        const next = (fits ? known : (fallback ?? known))?.id ?? null;
        const shown = features.status === "ready" || features.status === "running";
        if (next !== saeId || (next !== null && !shown)) await open(next);
      } catch (e) {
        if (run.isNewest()) set({ saes: { status: "failed", error: toLabError(e) } });
      }
    },

    chosenSae: null,
    selectSae: async (id) => {
      if (id !== null) set({ chosenSae: id });
      await open(id);
    },

    selectFeature: async (feature) => {
      const { saeId, basis } = get();
      set({ feature });
      if (feature === null || saeId === null) {
        dashboardRuns.stop();
        set({ dashboard: IDLE, shownDashboard: null });
        return;
      }
      const run = dashboardRuns.start();
      set({ dashboard: { status: "running", progress: null } });
      try {
        const value = await lab.sae.dashboard(saeId, feature, { basis, signal: run.signal });
        if (run.isNewest()) set({ dashboard: { status: "ready", value }, shownDashboard: value });
      } catch (e) {
        if (run.isNewest()) set({ dashboard: { status: "failed", error: toLabError(e) } });
      }
    },
  };
};
