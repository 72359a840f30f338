/** Worker methods of the feature dashboard. */
import type { FeatureMap } from "../core/feature-map.ts";
import { LabError } from "../core/lab-error.ts";
import { shareSpace } from "../core/sae-space.ts";
import type { Handlers } from "../rpc/serve.ts";
import { ablationEffects } from "./feature-ablation.ts";
import { neighboursElsewhere } from "./feature-across.ts";
import type { ToMap } from "./feature-map.ts";
import { alignedNeurons } from "./feature-neurons.ts";
import { featureOnText } from "./feature-text.ts";
import { featuresByToken } from "./features-by-token.ts";
import { checkIndex } from "./direction-reader.ts";
import { fittingModel } from "./sae-dashboard.ts";
import { loadMap, saveMap } from "../storage/map-store.ts";
import { listAll, openSae, openSaeDashboards } from "./sae-shelf.ts";

type Studies =
  | "study.featureNeurons"
  | "study.featureAcross"
  | "study.featureMap"
  | "study.featureText"
  | "study.featuresByToken"
  | "study.featureAblation";

const MOST_FOUND = 100;

export const featureHandlers: Pick<Handlers, Studies> = {
  "study.featureNeurons": async (request) => {
    const { model, opened } = await openFeature(request);
    return { value: await alignedNeurons(model, opened, request) };
  },
  "study.featureAcross": async (request, context) => {
    const { model, opened } = await openFeature(request);
    const others = (await listAll()).filter(
      ({ id, status, config }) =>
        id !== request.sae &&
        status === "finished" &&
        shareSpace(config, opened.config, model.info.config),
    );
    return { value: await neighboursElsewhere(request, opened, others, openSae, context) };
  },
  "study.featureMap": async ({ sae, make }, context) => {
    if (!make) return { value: await storedMap(sae) };
    const { makeFeatureMap } = await import("./feature-map.ts");
    const saes = [];
    for (const id of new Set([sae, ...make.with])) saes.push(await toMap(id));
    const value = await makeFeatureMap(saes, make, context);
    await saveMap(value).catch(() => undefined); // without room for it, it is there until the page closes
    return { value };
  },
  "study.featureText": async (request) => {
    const { model, opened } = await openFeature(request);
    return { value: await featureOnText(model, opened, request) };
  },
  "study.featuresByToken": async (request, { signal }) => {
    const { n } = request;
    if (!Number.isInteger(n) || n < 1 || n > MOST_FOUND) {
      throw new LabError("bad-input", `from 1 to ${MOST_FOUND} features can be found, not ${n}`);
    }
    const opened = await openSae(request.sae);
    const model = fittingModel(opened);
    return { value: await featuresByToken(model, opened, request, signal) };
  },
  "study.featureAblation": async (request, context) => {
    const { model, opened } = await openFeature(request);
    return { value: await ablationEffects(model, opened, request, context) };
  },
};

async function toMap(id: string): Promise<ToMap> {
  const opened = await openSae(id);
  const name = (await listAll()).find((sae) => sae.id === id)?.name ?? id;
  const dashboards = await openSaeDashboards(id).catch(() => null); // not measured: all are on the map
  const density = (feature: number) => {
    if (!dashboards) return NaN;
    const { lastFired, density: share } = dashboards.row(feature);
    return lastFired === null ? null : share;
  };
  return { id, name, ...opened, density };
}

/** With the names of today; null for a map with features of an SAE that is not here any more. */
async function storedMap(sae: string): Promise<FeatureMap | null> {
  const map = await loadMap(sae);
  if (!map) return null;
  const names = new Map((await listAll()).map(({ id, name }) => [id, name]));
  const saes = map.saes.flatMap((each) => {
    const name = names.get(each.id);
    return name === undefined ? [] : [{ ...each, name }];
  });
  return saes.length === map.saes.length ? { ...map, saes } : null;
}

/** @throws LabError "not-found" if there is no such feature; "unsupported" if the SAE does not fit the model on the bench */
async function openFeature({ sae, feature }: { sae: string; feature: number }) {
  const opened = await openSae(sae);
  checkIndex("feature", feature, opened.config.dSae);
  return { model: fittingModel(opened), opened };
}
