/**
 * Recognition without networks: who stands before a camera is known, and the rates at which a
 * recogniser misses and confuses people decide what it says, by the seed. Implements the same port.
 */
import type { Chance } from "../../hardware/simulated/chance.ts";
import type { CameraPort } from "../../hardware/ports.ts";
import type { Clock, Eye, Perception, PerceptionReading, Side } from "../world.ts";
import { SimulatedEar } from "./ear.ts";
import { SimulatedEye } from "./eye.ts";
import { simulatedModel, Turns } from "./faces.ts";

/** Shares of looks at somebody at the pay position that go wrong, each in its own way. */
export interface RecogniserRates {
  /** A person of the gallery is not recognised. */
  miss: number;
  /** Somebody else of the gallery is taken for a possibility as well. */
  confuse: number;
  /** Somebody who is not in the gallery is taken for one who is. */
  mistake: number;
  /** It could not be told whether the face is alive: at all, or without a turn of the head. */
  unsure: number;
}

/** What is before a camera. */
export interface CameraSight {
  /** The face at the pay position, as the numbers an embedder would make of it. */
  readonly front: Float32Array | undefined;
  readonly faces: number;
  /** It is a film or a picture of that face, which moves as somebody alive does. */
  readonly film?: boolean;
  /** Where the head is turned; left out when it looks at the camera. */
  readonly head?: Side | undefined;
}

/** The camera as a device: what perception finds when it looks. */
export interface SimulatedCamera extends CameraPort {
  readonly state: "sound" | "stalled" | "dead";
  sight(): CameraSight;
  /** Calls when anything changed, until the result is called. */
  onChange(call: () => void): () => void;
}

/** What happens at the port, for whoever looks on. */
export interface RecogniserWatch {
  admitted(camera: string, visit: string): void;
  wiped(camera: string, visit: string): void;
  /** The camera's gallery is empty. */
  emptied(camera: string): void;
  told(camera: string, reading: PerceptionReading): void;
  /** The face at the pay position was taken for somebody else to compare. */
  probed(camera: string, face: Float32Array): void;
  /** Whoever stands there was asked to turn the head to these sides. */
  askedToTurn(camera: string, sides: readonly Side[]): void;
  /** What came of it, and how many sides were shown as asked. */
  turned(camera: string, met: boolean, turns: number): void;
  /** Whoever stands at a microphone was shown digits to say. */
  prompted(microphone: string, digits: readonly number[]): void;
}

export interface RecogniserSetting {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly rates: RecogniserRates;
  readonly watch: RecogniserWatch;
}

/** Perception for `SimulatedCamera`s. Closed, it holds no template any more. */
export function createRecogniser(setting: RecogniserSetting): Perception {
  const eyes = new Set<Eye>();
  const shared = { ...setting, turns: new Turns() };
  const { clock, chance, rates, watch } = setting;
  const ear = new SimulatedEar({
    clock,
    chance: chance.fork("ear"),
    confuses: () => rates.confuse,
    prompted: (microphone, digits) => watch.prompted(microphone, digits),
  });
  return {
    ...simulatedModel,
    watch(camera, listener) {
      const eye = new SimulatedEye(shared, camera as SimulatedCamera, listener);
      eyes.add(eye);
      return Promise.resolve(eye);
    },
    hear: (listening) => ear.hear(listening),
    async close() {
      ear.close();
      for (const eye of eyes) await eye.close();
      eyes.clear();
    },
  };
}
