/**
 * The world as a gateway needs it: ports that `main` fills with the real ones and a simulation
 * with its own. Nothing behind these interfaces is reached in any other way.
 */
import type { CameraPort, Devices, Frame, MicrophonePort } from "../hardware/ports.ts";
import type { Liveness } from "../actors/messages.ts";
import type { Journal } from "./journal/journal.ts";
import type { RotationKey } from "./vault/rotation.ts";
import type { Vault } from "./vault/vault.ts";

export type { KeyPair, Sealed, Vault } from "./vault/vault.ts";

/** Time. All of it: nothing else in the core knows the hour. */
export interface Clock {
  /** Milliseconds since the epoch. May jump when the machine's clock is set. */
  now_ms(): number;
  /** Calls once, not before `delay_ms` have passed; the result cancels. Throws nothing. */
  after(delay_ms: number, call: () => void): () => void;
}

/** Chance. */
export interface Random {
  /** Unpredictable bytes in the real world, seeded ones in a simulation. */
  bytes(length: number): Uint8Array<ArrayBuffer>;
}

/** The way to the issuer: a request in, an answer out, or `RuntimeError` `issuer_unreachable`.
 * The signal ends a request and any body stream that came of it. */
export interface IssuerLink {
  /** e.g. `https://issuer.example`; no path, no slash at the end. */
  readonly origin: string;
  fetch(request: Request): Promise<Response>;
}

/** A face as numbers, L2-normalised; matches only within one model and dim. */
export interface Template {
  /** sha256 of the embedder's file, hex. */
  readonly model: string;
  /** Name of the preprocessing preset, e.g. `saunter-drawn`. */
  readonly preset: string;
  readonly values: Float32Array<ArrayBuffer>;
  /** By which the values were turned away from the model's own space; absent: by none. */
  readonly rotation?: RotationKey;
}

export interface PerceptionMatch {
  readonly visit: string;
  readonly frames: number;
  readonly liveness: Liveness;
  /** To so many sides the head was turned, as it was asked to. */
  readonly turns?: number;
}

/**
 * What perception tells of a camera; only changes are told. Scores stay inside.
 * `started`: frames are looked at, and the gallery is empty. `stalled`: no frames come, the gallery
 * is kept, the next `matched` ends it. `failed`: nothing is looked at, and the gallery is empty; a
 * `started` follows when that is over. So templates are admitted anew after each `started`.
 */
export type PerceptionReading =
  | { readonly type: "started"; readonly device: string }
  | { readonly type: "stalled" }
  | { readonly type: "failed"; readonly reason: string }
  | {
    readonly type: "matched";
    readonly outcome: "identified" | "ambiguous" | "unknown" | "nobody";
    /** Faces in view, those at the pay position and those behind. */
    readonly faces: number;
    readonly matches: readonly PerceptionMatch[];
    readonly seen_at_ms: number;
    /** The number of the `lookAgain` after which every frame behind this was taken; 0 at first. */
    readonly glance: number;
  };

/** A camera's eye: from frames to readings, in a Worker of its own. */
export interface Eye {
  /** Resolves when the gallery of this camera holds the template, in place of one that it held for
   * the visit. Overwrites `template.values` in any case. Rejects with `RuntimeError`: `stopped`
   * unless the camera has started, `model_invalid` for a template of another model, `overloaded`
   * when the gallery is full. */
  admit(visit: string, template: Template): Promise<void>;
  /** Resolves when no byte of the template is left in this camera's gallery. */
  wipe(visit: string): Promise<void>;
  /** Forgets whoever was seen, and tells anew, under this number, from frames taken after the call.
   * Numbers grow. Throws nothing: an eye that is blind does it when it sees again. */
  lookAgain(glance: number): void;
  /**
   * Asks whoever stands there to turn the head to these sides, one after the other, in place of
   * what was asked before, and tells each state as it comes until one is `met` or `failed`. Absent
   * where a recogniser cannot. Rejects with `RuntimeError` `stopped` unless the camera sees.
   */
  challenge?(sides: readonly Side[], prompt: (state: ChallengeState) => void): Promise<void>;
  /** Who stands at the pay position, alone and alive, by frames that are yet to be taken; undefined
   * where nobody does before `patience_ms` have passed, the time of turns left out. Absent where a
   * recogniser cannot. Rejects with `RuntimeError` `stopped` unless the camera sees. */
  probe?(patience_ms: number, turns?: ProbeTurns): Promise<Probe | undefined>;
  close(): Promise<void>;
}

/** Turns of the head that a face has to show before it is probed: one that may be a film. */
export interface ProbeTurns {
  /** Also one that has shown life by itself. */
  readonly always: boolean;
  /** Has whoever stands there asked; resolves to whether they turned as asked. */
  ask(): Promise<boolean>;
}

/** The face of the one person at the pay position, for somebody else to compare. */
export interface Probe {
  /** In the model's own space, of unit length. Whoever has it overwrites `values` when done. */
  readonly template: Template;
  /** Frames that it is the middle of. */
  readonly frames: number;
  readonly liveness: Exclude<Liveness, "unsure">;
  readonly seen_at_ms: number;
}

/** A side of whoever stands there; a camera sees their left at its right. */
export type Side = "left" | "right";

export type ChallengeReason =
  | "wrong_side"
  | "too_early"
  | "too_slow"
  | "another_face"
  | "flat"
  | "lost";

/** Where a challenge stands, with the turns that are left. `asked` names the side to be shown to
 * whoever stands there; `facing` asks them to look at the camera. */
export type ChallengeState =
  | { readonly state: "facing"; readonly left: number }
  | { readonly state: "asked"; readonly side: Side; readonly left: number }
  | { readonly state: "met" }
  | { readonly state: "failed"; readonly reason: ChallengeReason };

/** A voice as numbers, for one model and preset. Biometric: overwritten by whoever is done. */
export interface Voice {
  readonly model: string;
  readonly preset: string;
  readonly version: number;
  /** Where each spoken word stands in `values`. */
  readonly takes: readonly {
    readonly word: number | "phrase";
    readonly from: number;
    readonly count: number;
  }[];
  readonly values: Float32Array<ArrayBuffer>;
  readonly spreads: Float32Array<ArrayBuffer>;
}

/** What is to be heard: digits that nobody knew before, spoken by one of these. */
export interface Listening {
  readonly microphone: MicrophonePort;
  /** Unpredictable bytes of which the digits are drawn. */
  readonly chance: Uint8Array;
  /** Shows the digits; called once, before anything is heard. */
  readonly prompt: (digits: readonly number[]) => void;
  /** Those who could be meant. What is in them is overwritten. */
  readonly voices: Promise<readonly { readonly visit: string; readonly voice: Voice }[]>;
  /** Ends the listening. */
  readonly signal: AbortSignal;
}

/** Whose voice said the digits. A voice chooses among several who are here; it proves nobody. */
export type Heard =
  | { readonly outcome: "chosen"; readonly visit: string }
  | { readonly outcome: "unknown"; readonly reason: string };

/** Detect, align, embed, match, decide. */
export interface Perception {
  /** sha256 of the embedder in use, hex; bound into evidence and templates. */
  readonly model: string;
  readonly preset: string;
  readonly dim: number;
  /** Watches a camera until closed; restarts a dead Worker and a lost camera by itself with
   * backoff. Resolves after the first reading. Rejects with `RuntimeError` `model_invalid` when
   * models that know drawn faces only are to watch real people. */
  watch(camera: CameraPort, listener: (reading: PerceptionReading) => void): Promise<Eye>;
  /** Hears one answer and forgets the sound. Absent where nobody can listen. Rejects as the
   * microphone does, and with `voices`. */
  hear?(listening: Listening): Promise<Heard>;
  close(): Promise<void>;
}

/** A line for the operator of the gateway. No secret ever: what goes in comes out. */
export interface Log {
  (level: "info" | "warn" | "error", message: string, fields?: Record<string, unknown>): void;
}

/** The way to the retailer's own system: a request in, an answer out, or `RuntimeError`
 * `retailer_unreachable`. The signal ends a request. */
export interface RetailerLink {
  /** e.g. `https://shop.example`; no path, no slash at the end. */
  readonly origin: string;
  /** What the retailer wants presented. Secret. */
  readonly key?: string;
  fetch(request: Request): Promise<Response>;
}

/** Finds the text of a code in a picture; undefined when there is none that can be read. */
export type CodeReader = (frame: Frame) => Promise<string | undefined>;

export interface World {
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Vault;
  readonly journal: Journal;
  readonly issuer: IssuerLink;
  readonly devices: Devices;
  readonly perception: Perception;
  readonly log: Log;
  /** Undefined in a store without a walk-out aisle. */
  readonly retailer?: RetailerLink;
  /** Undefined where no camera looks for codes. */
  readonly readCode?: CodeReader;
  /** Calls once all that has arrived by now was taken in, so that it shares one commit. Without it
   * a commit waits for no more than the end of the present task. */
  readonly soon?: (call: () => void) => void;
}
