/**
 * What a camera's Worker and the gateway say to each other: one request, one answer, by ticket.
 */
import { HardwareError, type HardwareErrorKind } from "../../hardware/errors.ts";
import type { Frame } from "../../hardware/ports.ts";
import type { Picture } from "../../hardware/recorded/picture.ts";
import { RuntimeError, type RuntimeErrorKind } from "../errors.ts";
import type { Side } from "../world.ts";
import type { NetworkParts } from "./networks.ts";
import type { RotationKey } from "../vault/rotation.ts";
import type { ProbeAnswer } from "./probe.ts";
import type { Look, RecogniserSettings } from "./recogniser.ts";

/** Each request and what answers it. */
export interface Protocol {
  /** First, and once. */
  open: {
    request: {
      readonly parts: NetworkParts;
      readonly settings: RecogniserSettings;
      readonly kernel: WebAssembly.Module;
    };
    answer: { readonly dim: number };
  };
  look: { request: { readonly frame: Frame }; answer: Look };
  admit: {
    request: {
      readonly visit: string;
      readonly values: Float32Array<ArrayBuffer>;
      readonly rotation?: RotationKey;
    };
    answer: Look;
  };
  wipe: { request: { readonly visit: string }; answer: Look };
  /** Forget whoever was seen, and keep the gallery. */
  begin_anew: { request: Record<never, never>; answer: Look };
  /** Ask whoever stands there to turn the head; the answers to later looks tell what came of it. */
  challenge: {
    request: { readonly sides: readonly Side[]; readonly at_ms: number };
    answer: Look;
  };
  /** The face of the one person who stands there; `anew` forgets whoever did before. */
  probe: {
    request: { readonly anew: boolean };
    answer: ProbeAnswer;
  };
  clear: { request: Record<never, never>; answer: Look };
  enrol: {
    request: { readonly pictures: readonly Picture[] };
    answer: { readonly values: Float32Array<ArrayBuffer> };
  };
  /** A sign of life. */
  beat: { request: Record<never, never>; answer: Record<never, never> };
}

export type Verb = keyof Protocol;

/** What goes to the Worker. */
export type Request = {
  [V in Verb]: { readonly ticket: number; readonly verb: V } & Protocol[V]["request"];
}[Verb];

/** What comes back. */
export type Reply =
  | { readonly ticket: number; readonly answer: Protocol[Verb]["answer"] }
  | { readonly ticket: number; readonly trouble: Trouble };

/** One of the project's errors on its way through a wall that drops classes. */
export interface Trouble {
  readonly room: "runtime" | "hardware";
  readonly kind: string;
  readonly message: string;
}

/** Undefined for an error of no closed kind: a fault of the code, on which a Worker must end. */
export function troubleOf(error: unknown): Trouble | undefined {
  if (error instanceof RuntimeError) {
    return { room: "runtime", kind: error.kind, message: error.message };
  }
  if (error instanceof HardwareError) {
    return { room: "hardware", kind: error.kind, message: error.message };
  }
  return undefined;
}

export function errorOf({ room, kind, message }: Trouble): RuntimeError | HardwareError {
  return room === "hardware"
    ? new HardwareError(kind as HardwareErrorKind, message)
    : new RuntimeError(kind as RuntimeErrorKind, message);
}
