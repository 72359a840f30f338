/** One point of the live charts: means over the steps since the last point. */
export interface TrainPoint {
  step: number;
  tokens: number;
  /** mean over tokens of ‖x − x̂‖², in the scaled units of training */
  reconstructionLoss: number;
  /** what the loss has beside it: the penalty, or the auxiliary loss of dead latents (TopK and its kin) */
  sparsityLoss: number;
  /** in the order of `LOSS_PARTS` of the variant */
  lossParts: readonly number[];
  /** mean number of active latents per token */
  l0: number;
  /** 1 − Σ‖x − x̂‖² / Σ‖x − x̄‖², sums over the tokens since the last point */
  explainedVariance: number;
  /** share of latents that have not fired for `DEAD_AFTER_TOKENS` tokens */
  deadShare: number;
  /** how many these are */
  dead: number;
  /** latents active on a tenth of the tokens or more, over the last `DENSITY_WINDOW` to twice as many */
  dense: number;
  /** mean norm of the gradient of all parameters together, before it is clipped to 1 */
  gradientNorm: number;
  /** ‖b_dec − x̄‖, x̄ the mean of the inputs since the last point, in the scaled units: √D is an activation's norm */
  biasDistance: number;
  tokensPerSecond: number;
}
