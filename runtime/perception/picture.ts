/**
 * The way of a picture into perception: a camera's frame or a decoded file becomes the one picture
 * that a desk holds, from which the networks' inputs are taken.
 */
import { HardwareError } from "../../hardware/errors.ts";
import type { Frame } from "../../hardware/ports.ts";
import type { Picture } from "../../hardware/recorded/picture.ts";
import { WasmError } from "../../wasm/errors.ts";
import type { PictureDesk } from "../../wasm/image.ts";
import { limits } from "../limits.ts";

/** What can be looked at. */
export type Shown = Picture | Pick<Frame, "format" | "width" | "height" | "stride" | "data">;

/**
 * Puts a picture on the desk. Throws `HardwareError` `format_unsupported` where format, size,
 * stride and bytes do not agree with each other.
 */
export function show(desk: PictureDesk, shown: Shown): void {
  const { width, height, data } = shown;
  const { format, stride } = "format" in shown
    ? shown
    : { format: "RGB24" as const, stride: 3 * width };
  const reason = `a frame of ${width} by ${height} ${format} with stride ${stride} and ` +
    `${data.length} bytes does not fit together; check the camera's format`;
  if (!(width * height <= limits.frame_pixels)) {
    throw new HardwareError("format_unsupported", reason);
  }
  try {
    desk.load({ format, width, height, stride, data });
  } catch (cause) {
    if (!(cause instanceof WasmError) || cause.kind !== "picture_invalid") throw cause;
    throw new HardwareError("format_unsupported", reason, { cause });
  }
}
