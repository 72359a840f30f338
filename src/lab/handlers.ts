/** Every method of the worker; those of the second one are in `src/writer/`. */
import type { Handlers } from "../rpc/serve.ts";
import type { WriterMethod } from "../rpc/writer-contract.ts";
import { attributionHandlers } from "./attribution-figure.ts";
import { attentionHandlers } from "./attention-figure.ts";
import { circuitHandlers } from "./circuit-handlers.ts";
import { discoverHandlers } from "./discover-handlers.ts";
import { directionHandlers } from "./direction-study.ts";
import { eapHandlers } from "./eap-handlers.ts";
import { editedHandlers } from "./edited-handlers.ts";
import { experimentHandlers } from "./experiment-handlers.ts";
import { featureCircuitHandlers } from "./feature-circuit-handlers.ts";
import { featureHandlers } from "./feature-handlers.ts";
import { galleryHandlers } from "./gallery-figure.ts";
import { gradientHandlers } from "./gradient-handlers.ts";
import { headScoreHandlers } from "./head-scores-handlers.ts";
import { hubHandlers } from "./hub-handlers.ts";
import { keepHandlers } from "./keep-handlers.ts";
import { labelHandlers } from "./label-handlers.ts";
import { lensHandlers } from "./lens-figure.ts";
import { lensTokenHandlers } from "./lens-tokens.ts";
import { modelHandlers } from "./model-handlers.ts";
import { notesHandlers } from "./notes-handlers.ts";
import { pathHandlers } from "./path-handlers.ts";
import { predictionHandlers } from "./prediction-figure.ts";
import { neuronHandlers } from "./neuron-figure.ts";
import { neuronStudies } from "./neuron-study.ts";
import { probeHandlers } from "./probe-handlers.ts";
import { promptHandlers } from "./prompt-handlers.ts";
import { residualHandlers } from "./residual-figure.ts";
import { reportHandlers } from "./report-handlers.ts";
import { saeHandlers } from "./sae-handlers.ts";
import { selfCheckHandlers } from "./self-check.ts";
import { textHandlers } from "./text-handlers.ts";
import { steerHandlers } from "./steer-handlers.ts";
import { traceHandlers } from "./trace-handlers.ts";
import { verifyHandlers } from "./verify-handlers.ts";
import { weightsHandlers } from "./weights-handlers.ts";

export const handlers: Omit<Handlers, WriterMethod> = {
  ...modelHandlers,
  ...attributionHandlers,
  ...attentionHandlers,
  ...circuitHandlers,
  ...discoverHandlers,
  ...directionHandlers,
  ...eapHandlers,
  ...editedHandlers,
  ...experimentHandlers,
  ...featureCircuitHandlers,
  ...featureHandlers,
  ...galleryHandlers,
  ...gradientHandlers,
  ...headScoreHandlers,
  ...hubHandlers,
  ...keepHandlers,
  ...labelHandlers,
  ...lensHandlers,
  ...lensTokenHandlers,
  ...notesHandlers,
  ...pathHandlers,
  ...predictionHandlers,
  ...neuronHandlers,
  ...neuronStudies,
  ...probeHandlers,
  ...promptHandlers,
  ...residualHandlers,
  ...reportHandlers,
  ...saeHandlers,
  ...selfCheckHandlers,
  ...textHandlers,
  ...steerHandlers,
  ...traceHandlers,
  ...verifyHandlers,
  ...weightsHandlers,
};
