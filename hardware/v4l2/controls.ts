/** What a store may set on a camera, in words, and how a driver is told. */
import { HardwareError } from "../errors.ts";
import type { VideoDevice } from "./device.ts";
import { constants as C } from "./layout.ts";

/** What is left out stays as the device has it. */
export interface CameraControls {
  /** `auto`, or how long the shutter is open. */
  readonly exposure?: "auto" | { readonly ms: number };
  /** In the device's own steps; `auto` lets it choose. */
  readonly gain?: "auto" | number;
  readonly brightness?: number;
  /** Frequency of the lights, so that they do not flicker in the picture; 0 for none. */
  readonly power_line_hz?: 0 | 50 | 60;
}

/** Exposure modes of `V4L2_CID_EXPOSURE_AUTO`. */
const exposure = { auto: 0, manual: 1, aperture_priority: 3 } as const;

/** `V4L2_CID_EXPOSURE_ABSOLUTE` counts in 100 us. */
const exposure_steps_in_ms = 10;

/** Throws `HardwareError` `format_unsupported` for what the device has not, or not so far. */
export function setControls(device: VideoDevice, camera: string, controls: CameraControls): void {
  /** With so many of the device's steps in one unit of the word's. */
  const set = (word: string, id: number, value: number, steps = 1) => {
    const range = device.controlRange(id);
    if (range === undefined) throw refused(camera, `has no control for ${word}; leave it out`);
    const [least, most] = [range.least / steps, range.most / steps];
    if (value < least || value > most) {
      throw refused(camera, `takes ${word} from ${least} to ${most}, not ${value}`);
    }
    device.setControl(id, Math.round(value * steps));
  };
  if (controls.exposure === "auto") {
    // Webcams know the one or the other.
    const range = device.controlRange(C.CID_EXPOSURE_AUTO);
    const webcam = range !== undefined && range.most >= exposure.aperture_priority;
    set("exposure", C.CID_EXPOSURE_AUTO, webcam ? exposure.aperture_priority : exposure.auto);
  } else if (controls.exposure !== undefined) {
    set("exposure", C.CID_EXPOSURE_AUTO, exposure.manual);
    set("exposure.ms", C.CID_EXPOSURE_ABSOLUTE, controls.exposure.ms, exposure_steps_in_ms);
  }
  if (controls.gain === "auto") set("automatic gain", C.CID_AUTOGAIN, 1);
  else if (controls.gain !== undefined) {
    if (device.controlRange(C.CID_AUTOGAIN) !== undefined) device.setControl(C.CID_AUTOGAIN, 0);
    set("gain", C.CID_GAIN, controls.gain);
  }
  if (controls.brightness !== undefined) {
    set("brightness", C.CID_BRIGHTNESS, controls.brightness);
  }
  if (controls.power_line_hz !== undefined) {
    const value = { 0: 0, 50: 1, 60: 2 }[controls.power_line_hz];
    set("power_line_hz", C.CID_POWER_LINE_FREQUENCY, value);
  }
}

function refused(camera: string, problem: string): HardwareError {
  return new HardwareError("format_unsupported", `camera ${camera} ${problem}`);
}
