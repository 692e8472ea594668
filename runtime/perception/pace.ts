/** How often a camera is looked at, and when it counts as stalled or failed. */

/** How fast an eye looks, and how patient it is. */
export interface EyePace {
  /** Frames looked at in a second, at most. */
  readonly frames_per_second: number;
  /** Without a frame for so long a camera has stalled. */
  readonly stall_ms: number;
  /** Bad frames in a row that are a failure; fewer are dropped. */
  readonly bad_frames: number;
  /** Pause before the first new attempt; doubles up to the most. */
  readonly backoff_ms: number;
  readonly most_backoff_ms: number;
}

export const eyePace: EyePace = {
  frames_per_second: 4,
  stall_ms: 5_000,
  bad_frames: 3,
  backoff_ms: 500,
  most_backoff_ms: 30_000,
};
