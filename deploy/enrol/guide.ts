/**
 * Leads somebody through enrolment: which view of the face is wanted next, and what stands in its
 * way. Pure, so that every word a shopper may read has a reason that can be tested.
 */
import type { QualityReason } from "../../runtime/perception/quality.ts";

/** Views of a face. Left and right are the shopper's own. */
export type View = "front" | "left" | "right";

/** What is seen in one frame. */
export interface Sight {
  /** Faces that are at least half as large as the largest. */
  readonly faces: number;
  /** As `Pose.turn` of the largest face; positive where the nose points to the picture's right. */
  readonly turn: number;
  /** Why the largest face is not fit; empty when it is. */
  readonly reasons: readonly QualityReason[];
}

export type Advice =
  | "no_face"
  | "several_people"
  | QualityReason
  | "look_straight"
  | "turn_left"
  | "turn_right"
  | "turn_back";

/** Straight at both ends: a template leans towards what a till sees most. */
export const views: readonly View[] = ["front", "left", "right", "front"];

/** Nose within this of the middle is straight; from the second on it is turned. */
const straight = 0.2;
const turned = 0.24;
/** Turned further, half the face is out of sight. */
const too_far = 0.6;

/** What to say to whoever is to show this view; undefined when they do. */
export function adviceFor(view: View, { faces, turn, reasons }: Sight): Advice | undefined {
  if (faces === 0) return "no_face";
  if (faces > 1) return "several_people";
  const [reason] = reasons;
  if (reason !== undefined && reason !== "turned_away") return reason;
  if (reason === "turned_away" || Math.abs(turn) > too_far) return "turn_back";
  if (view === "front") return Math.abs(turn) <= straight ? undefined : "look_straight";
  // Somebody's own left lies to the right of a picture of them.
  if (view === "left") return turn >= turned ? undefined : "turn_left";
  return turn <= -turned ? undefined : "turn_right";
}

/** In plain words, for people. */
export const wordsFor: Readonly<Record<Advice, string>> = {
  no_face: "Bring your face into the picture",
  several_people: "Only one person may be in the picture",
  too_small: "Come closer",
  blurred: "Hold still for a moment",
  too_dark: "More light on your face, please",
  too_bright: "Too much light: turn away from it a little",
  tilted: "Hold your head upright",
  turned_away: "Turn back a little",
  turn_back: "Turn back a little",
  look_straight: "Look straight into the camera",
  turn_left: "Turn your head a little to your left",
  turn_right: "Turn your head a little to your right",
};
