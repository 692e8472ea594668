/** What is played in front of a gateway's devices: a simulated shop, or a folder of pictures. */
import type { Devices } from "../../hardware/ports.ts";
import type { RunningGateway } from "../../runtime/main.ts";
import type { WalkOutSummary } from "../demo/aisle_cast.ts";

/** The line with which `start --for` ends. */
export interface Summary {
  readonly sales: number;
  readonly captured_minor: number;
  readonly currency: string;
  readonly declined: number;
  /** In a store with a walk-out aisle; what is said above is of lanes. */
  readonly walk_out?: WalkOutSummary;
  readonly violations: number;
  /** What else happened to whom, as the stage counts it. */
  readonly [more: string]: unknown;
}

export interface Stage {
  readonly devices: Devices;
  /**
   * Plays in front of the running gateway until the signal, or to its own end; lets what was begun
   * be settled and holds the books against each other. `opened` is called when all is prepared.
   */
  play(running: RunningGateway, until: AbortSignal, opened: () => void): Promise<Summary>;
  /** Switches off phones and tills; the devices are the gateway's to close. */
  stop(): Promise<void>;
}
