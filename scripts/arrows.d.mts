export const ARROWS: Record<string, string[]>;
export const WORKER_ONLY: string[];
