/**
 * What training and its figures take of pictures, by the functions that lanes use: all on one desk,
 * which is opened with the first picture.
 */
import type { Picture } from "../../hardware/recorded/picture.ts";
import { rgbToYuyv } from "../../hardware/simulated/yuyv.ts";
import { alignedFace, type Landmarks } from "../../runtime/perception/align.ts";
import { show } from "../../runtime/perception/picture.ts";
import type { ModelInput } from "../../runtime/perception/sidecar.ts";
import { PictureDesk } from "../../wasm/image.ts";

let opened: PictureDesk | undefined;

function desk(): PictureDesk {
  return opened ??= PictureDesk.create();
}

/** The picture as it is after a camera's YUYV. */
export function throughCamera(
  drawn: { readonly width: number; readonly height: number; readonly rgb: Uint8Array },
): Picture {
  const { width, height } = drawn;
  show(desk(), { format: "YUYV", width, height, stride: width * 2, data: rgbToYuyv(drawn) });
  return desk().picture();
}

/** The picture in the upper left corner of a canvas, as a network's input. */
export function pictureTensor(
  picture: Picture,
  canvas: { readonly width: number; readonly height: number },
  input: ModelInput,
): Float32Array<ArrayBuffer> {
  const tensor = new Float32Array(canvas.width * canvas.height * 3);
  show(desk(), picture);
  desk().shrunk(picture, canvas, input, tensor);
  return tensor;
}

/** A face of the picture as a network's input. Throws `RangeError` where the landmarks are none. */
export function faceTensor(
  picture: Picture,
  landmarks: Landmarks,
  side: number,
  input: ModelInput,
): Float32Array<ArrayBuffer> {
  show(desk(), picture);
  const face = alignedFace(desk(), landmarks, side, input);
  if (face === undefined) throw new RangeError("the landmarks define no crop");
  return face.tensor;
}
