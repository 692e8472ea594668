/** The doctor's look at equipment: what the machine has, and what the store wants of it. */
import { AlsaMicrophone } from "../../hardware/alsa/microphone.ts";
import { HardwareError } from "../../hardware/errors.ts";
import { errno, type Libc, openLibc, SystemCallError } from "../../hardware/ffi/libc.ts";
import { libraries, type LibraryName, libraryPath } from "../../hardware/ffi/libraries.ts";
import { V4l2Camera } from "../../hardware/v4l2/camera.ts";
import { VideoDevice } from "../../hardware/v4l2/device.ts";
import type { CameraConfig, Config, MicrophoneConfig } from "../../runtime/config.ts";
import { given } from "../start/given.ts";
import { librariesOf } from "../start/needs.ts";
import { aisleFindings } from "./aisle.ts";
import { installedFindings } from "./installed.ts";
import { explained, type Finding, note, reasonOf, well, wrong } from "./findings.ts";
import { radioFindings } from "./radio.ts";
import { chipFindings, serialFindings, soundFindings } from "./wired.ts";

export async function deviceFindings(config: Config): Promise<Finding[]> {
  const found = [...librariesOf(config).map(libraryFinding), ...installedFindings(config)];
  if (found.some(({ verdict }) => verdict === "wrong")) return found;
  if (found.length === 0) {
    return [note("equipment", "all of it is simulated", undefined)];
  }
  const libc = openLibc();
  try {
    found.push(...videoNodes(libc), ...soundFindings());
    found.push(...chipFindings(libc), ...serialFindings(libc));
    for (const camera of config.cameras) found.push(...await cameraFindings(camera, libc));
    for (const microphone of config.microphones) found.push(await microphoneFinding(microphone));
    found.push(...await radioFindings(config, libc));
    found.push(...await aisleFindings(config, libc, cameraFindings));
  } finally {
    libc[Symbol.dispose]();
  }
  return found;
}

function libraryFinding(name: LibraryName): Finding {
  const path = libraryPath(name);
  return path === undefined
    ? wrong(name, "is not installed", `apt-get install ${libraries[name]}`)
    : well(name, path);
}

const video_nodes = 64;

/** Every camera of the machine, whoever uses it. */
function videoNodes(libc: Libc): Finding[] {
  // Deno reads no folder below /dev without every right there is: the driver is asked by name.
  const names = Array.from({ length: video_nodes }, (_, number) => `video${number}`);
  return names.flatMap((name): Finding[] => {
    try {
      using device = new VideoDevice(libc, `/dev/${name}`);
      const { card, captures } = device.capability;
      if (!captures) return [];
      return [note(`/dev/${name}`, `${card}, ${device.formats().slice(0, 8).join(" ")}`)];
    } catch (error) {
      if (error instanceof SystemCallError && error.code === errno.ENOENT) return [];
      return [note(`/dev/${name}`, reasonOf(error))];
    }
  });
}

/** How long a first picture may take. */
const patience_ms = 10_000;

async function cameraFindings({ id, device }: CameraConfig, libc: Libc): Promise<Finding[]> {
  const what = `camera ${id}`;
  if (device.kind !== "v4l2") return [note(what, device.kind)];
  const { path, width = 640, height = 480 } = device;
  const found: Finding[] = [];
  if (/^\/dev\/video\d+$/.test(path)) {
    const mend = "name it by its link below /dev/v4l/by-id, by-path or by-name";
    found.push(note(what, `${path} may be another camera after the next start`, mend));
  }
  // As the gateway sets it up, so that what the camera has not is told here.
  const { pixel_format, frames_per_second, controls = {} } = device;
  const wished = { ...given({ pixel_format, frames_per_second }), controls: given(controls) };
  const camera = new V4l2Camera({ id, path, libc, width, height, ...wished });
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), patience_ms);
  try {
    const stream = camera.frames(stop.signal)[Symbol.asyncIterator]();
    const { value, done } = await stream.next();
    await stream.return?.();
    if (done) return [...found, wrong(what, `${path} sends no picture`, "check its cable")];
    const asked = value.width === width && value.height === height;
    const detail = `${path} sends ${value.width} by ${value.height} ${value.format}`;
    return [...found, asked ? well(what, detail) : note(what, `${detail}, asked was another size`)];
  } catch (error) {
    if (!(error instanceof HardwareError)) throw error;
    return [...found, explained(what, error)];
  } finally {
    clearTimeout(late);
  }
}

async function microphoneFinding({ id, device }: MicrophoneConfig): Promise<Finding> {
  const what = `microphone ${id}`;
  if (device.kind !== "alsa") return note(what, device.kind);
  const { pcm, rate_hz } = device;
  const microphone = new AlsaMicrophone({ id, pcm, ...(rate_hz === undefined ? {} : { rate_hz }) });
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), patience_ms);
  try {
    for await (const { rate_hz, samples } of microphone.frames(stop.signal)) {
      samples.fill(0);
      return well(what, `${pcm} sends ${rate_hz} samples a second`);
    }
    return wrong(what, `${pcm} sends no sound`, "check its cable, and `arecord -L`");
  } catch (error) {
    if (error instanceof HardwareError) return explained(what, error);
    throw error;
  } finally {
    clearTimeout(late);
  }
}
