/** Trouble with a device, in a closed set of kinds that callers can act on. */

export type HardwareErrorKind =
  | "device_lost"
  | "device_busy"
  | "device_missing"
  | "device_forbidden"
  | "format_unsupported"
  | "message_unreadable"
  | "picture_unreadable"
  | "sound_unreadable";

/** A device failed. The message names the device and the way out; it is fit for an operator. */
export class HardwareError extends Error {
  override readonly name = "HardwareError";
  constructor(readonly kind: HardwareErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}
