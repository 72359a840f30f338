/** The page's whole state: plain data and the actions on it. No tensors, no worker, no DOM. */
import { create } from "zustand";
import type { StateCreator } from "zustand/vanilla";
import type { Lab } from "../api/lab.ts";
import { createCircuitEditSlice, type CircuitEditSlice } from "./circuit-edit-slice.ts";
import { createAnswersSlice, type AnswersSlice } from "./answers-slice.ts";
import { createAcdcSlice, type AcdcSlice } from "./acdc-slice.ts";
import { createCircuitSlice, type CircuitSlice } from "./circuit-slice.ts";
import { createCompareSlice, type CompareSlice } from "./compare-slice.ts";
import { createDraftsSlice, type DraftsSlice } from "./drafts-slice.ts";
import { createEapSlice, type EapSlice } from "./eap-slice.ts";
import { createEditedSlice, type EditedSlice } from "./edited-slice.ts";
import { createEditsSlice, type EditsSlice } from "./edits-slice.ts";
import { createExamplesSlice, type ExamplesSlice } from "./examples-slice.ts";
import { createFeatureCircuitSlice, type FeatureCircuitSlice } from "./feature-circuit-slice.ts";
import { createFiguresSlice, type FiguresSlice } from "./figures-slice.ts";
import { createGallerySlice, type GallerySlice } from "./gallery-slice.ts";
import { createGenerateSlice, type GenerateSlice } from "./generate-slice.ts";
import { createHeadsSlice, type HeadsSlice } from "./heads-slice.ts";
import { createImportSlice, type ImportSlice } from "./import-slice.ts";
import { createModelSlice, type ModelSlice } from "./model-slice.ts";
import { createLinkSlice, type LinkSlice } from "./link-slice.ts";
import { createHypothesisSlice, type HypothesisSlice } from "./hypothesis-slice.ts";
import { createLabellingSlice, type LabellingSlice } from "./labelling-slice.ts";
import { createLookSlice, type LookSlice } from "./look-slice.ts";
import { createNotesSlice, type NotesSlice } from "./notes-slice.ts";
import { createOptionsSlice, type OptionsSlice } from "./options-slice.ts";
import { createPlannerSlice, type PlannerSlice } from "./planner-slice.ts";
import { createPatchSlice, type PatchSlice } from "./patch-slice.ts";
import { createProbeSlice, type ProbeSlice } from "./probe-slice.ts";
import { createPromptSlice, type PromptSlice } from "./prompt-slice.ts";
import { createRecoverySlice, type RecoverySlice } from "./recovery-slice.ts";
import { createReportSlice, type ReportSlice } from "./report-slice.ts";
import { createSaeSlice, type SaeSlice } from "./sae-slice.ts";
import { createSelfCheckSlice, type SelfCheckSlice } from "./self-check-slice.ts";
import { createDoseSlice, type DoseSlice } from "./dose-slice.ts";
import { createSteerKeepSlice, type SteerKeepSlice } from "./steer-keep-slice.ts";
import { createSteerSlice, type SteerSlice } from "./steer-slice.ts";
import { createSteerTextSlice, type SteerTextSlice } from "./steer-text-slice.ts";
import { createStorageSlice, type StorageSlice } from "./storage-slice.ts";
import { createTextsSlice, type TextsSlice } from "./texts-slice.ts";
import { createTaskSlice, type TaskSlice } from "./task-slice.ts";
import { createTrackedSlice, type TrackedSlice } from "./tracked-slice.ts";
import { createTuneSlice, type TuneSlice } from "./tune-slice.ts";
import { createTrainSlice, type TrainSlice } from "./train-slice.ts";
import { createVerifySlice, type VerifySlice } from "./verify-slice.ts";
import { createViewSlice, type ViewSlice } from "./view-slice.ts";
import { createWriterListSlice, type WriterListSlice } from "./writer-list-slice.ts";
import { createWriterSlice, type WriterSlice } from "./writer-slice.ts";

export type Store = ViewSlice &
  ModelSlice &
  LookSlice &
  LinkSlice &
  StorageSlice &
  PromptSlice &
  ProbeSlice &
  OptionsSlice &
  EditsSlice &
  EditedSlice &
  TuneSlice &
  CompareSlice &
  ExamplesSlice &
  FeatureCircuitSlice &
  FiguresSlice &
  TrackedSlice &
  TaskSlice &
  DraftsSlice &
  PatchSlice &
  VerifySlice &
  HeadsSlice &
  AnswersSlice &
  CircuitSlice &
  CircuitEditSlice &
  EapSlice &
  AcdcSlice &
  GallerySlice &
  GenerateSlice &
  RecoverySlice &
  SelfCheckSlice &
  SaeSlice &
  ImportSlice &
  ReportSlice &
  NotesSlice &
  LabellingSlice &
  HypothesisSlice &
  WriterListSlice &
  WriterSlice &
  TrainSlice &
  TextsSlice &
  PlannerSlice &
  SteerSlice &
  SteerTextSlice &
  DoseSlice &
  SteerKeepSlice;
export type Slice<S> = (lab: Lab) => StateCreator<Store, [], [], S>;

/** One store for one lab; `main.tsx` makes it, tests make their own with a fake lab. */
export const createLabStore = (lab: Lab) =>
  create<Store>()((...a) => ({
    ...createViewSlice(lab)(...a),
    ...createModelSlice(lab)(...a),
    ...createLookSlice(lab)(...a),
    ...createLinkSlice(lab)(...a),
    ...createStorageSlice(lab)(...a),
    ...createPromptSlice(lab)(...a),
    ...createProbeSlice(lab)(...a),
    ...createOptionsSlice(lab)(...a),
    ...createEditsSlice(lab)(...a),
    ...createEditedSlice(lab)(...a),
    ...createTuneSlice(lab)(...a),
    ...createCompareSlice(lab)(...a),
    ...createExamplesSlice(lab)(...a),
    ...createFeatureCircuitSlice(lab)(...a),
    ...createFiguresSlice(lab)(...a),
    ...createTrackedSlice(lab)(...a),
    ...createTaskSlice(lab)(...a),
    ...createDraftsSlice(lab)(...a),
    ...createPatchSlice(lab)(...a),
    ...createVerifySlice(lab)(...a),
    ...createHeadsSlice(lab)(...a),
    ...createAnswersSlice(lab)(...a),
    ...createCircuitSlice(lab)(...a),
    ...createCircuitEditSlice(lab)(...a),
    ...createEapSlice(lab)(...a),
    ...createAcdcSlice(lab)(...a),
    ...createGallerySlice(lab)(...a),
    ...createGenerateSlice(lab)(...a),
    ...createRecoverySlice(lab)(...a),
    ...createSelfCheckSlice(lab)(...a),
    ...createSaeSlice(lab)(...a),
    ...createImportSlice(lab)(...a),
    ...createReportSlice(lab)(...a),
    ...createNotesSlice(lab)(...a),
    ...createLabellingSlice(lab)(...a),
    ...createHypothesisSlice(lab)(...a),
    ...createWriterListSlice(lab)(...a),
    ...createWriterSlice(lab)(...a),
    ...createTrainSlice(lab)(...a),
    ...createTextsSlice(lab)(...a),
    ...createPlannerSlice(lab)(...a),
    ...createSteerSlice(lab)(...a),
    ...createSteerTextSlice(lab)(...a),
    ...createDoseSlice(lab)(...a),
    ...createSteerKeepSlice(lab)(...a),
  }));
export type LabStore = ReturnType<typeof createLabStore>;
