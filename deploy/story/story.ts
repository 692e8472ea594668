/** What a story is: chapters on one stage, each with an end of its own that is held against it. */
import { decimal } from "../../runtime/money.ts";
import type { Stage, StageSetting } from "./stage.ts";

/** Says what happens, and who knows what by then. */
export type Tell = (words: string) => Promise<void>;

export interface Chapter {
  readonly title: string;
  /** Rejects when it does not end as told. */
  readonly play: (stage: Stage, tell: Tell) => Promise<void>;
}

export interface Story {
  /** `S8`. */
  readonly name: string;
  readonly title: string;
  readonly stage?: StageSetting;
  readonly chapters: readonly Chapter[];
}

export const euros = (minor: number) => `${decimal(minor, "EUR")} EUR`;
