/**
 * Operations that a backend may do in one kernel of our own instead of many of TensorFlow.js's. They are registered with
 * TensorFlow.js like any of its kernels; `fused.ts` calls them, and defines by plain operations what each one means.
 */
import { getKernel, type KernelConfig } from "@tensorflow/tfjs-core";

export const KERNELS = {
  keepLargest: "GlassroomKeepLargest",
  keepLargestOfAll: "GlassroomKeepLargestOfAll",
  jump: "GlassroomJump",
  gate: "GlassroomGate",
  jumpGate: "GlassroomJumpGate",
  openGate: "GlassroomOpenGate",
  throughGate: "GlassroomThroughGate",
  columnSums: "GlassroomColumnSums",
  columnDots: "GlassroomColumnDots",
  dotsAndSquares: "GlassroomDotsAndSquares",
  countFires: "GlassroomCountFires",
  tokenSums: "GlassroomTokenSums",
  clip: "GlassroomClip",
  adam: "GlassroomAdam",
  adamAcross: "GlassroomAdamAcross",
  silence: "GlassroomSilence",
  sumsOnward: "GlassroomSumsOnward",
  sparseTimes: "GlassroomSparseTimes",
  sparseGradients: "GlassroomSparseGradients",
} as const;
export type OwnKernel = (typeof KERNELS)[keyof typeof KERNELS];

/** TensorFlow.js does not say in its types that there may be no such kernel. */
export const isRegistered = (name: OwnKernel, backend: string): boolean =>
  (getKernel(name, backend) as KernelConfig | undefined) !== undefined;

/** Numbers of one Adam update; see `adam.ts`. */
export interface AdamRates {
  /** 1 − β₁ and 1 − β₂ */
  share1: number;
  share2: number;
  /** Step size and ε, both with the corrections for the moments' start at 0. */
  rate: number;
  epsilon: number;
}
