/**
 * A video device as its driver describes it: what it is, which formats, sizes and rates it offers,
 * and what it is set to. Throws `SystemCallError` where the driver refuses.
 */
import { errno, type IoctlRequest, type Libc, SystemCallError } from "../ffi/libc.ts";
import { hardwareLimits } from "../limits.ts";
import * as layout from "./layout.ts";
import { constants as C, fourcc, fourccName, requests } from "./layout.ts";
import { Struct, typeOf } from "./structs.ts";

export interface Capability {
  readonly driver: string;
  readonly card: string;
  readonly bus: string;
  /** Can be streamed from. */
  readonly captures: boolean;
  readonly multiplanar: boolean;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What a device was set to. */
export interface VideoFormat extends Size {
  readonly pixel_format: string;
  /** For each plane, bytes from one row to the next, and of the whole plane. */
  readonly planes: readonly { readonly stride: number; readonly size: number }[];
}

export class VideoDevice implements Disposable {
  readonly capability: Capability;
  readonly #libc: Libc;
  readonly descriptor: number;

  constructor(libc: Libc, path: string) {
    this.#libc = libc;
    this.descriptor = libc.open(path);
    try {
      this.capability = this.#queryCapability();
    } catch (error) {
      libc.close(this.descriptor);
      throw error;
    }
  }

  /** Sends a request; false where the driver has nothing yet. */
  call(request: IoctlRequest, { bytes }: Struct): boolean {
    return this.#libc.ioctl(this.descriptor, request, bytes);
  }

  /** The buffer type of this device's kind of capture. */
  get type(): number {
    return typeOf(this.capability);
  }

  /** Pixel formats, the driver's first choice first. */
  formats(): string[] {
    const { fmtdesc } = layout;
    return this.#list(
      requests.enum_fmt,
      (index) => new Struct(fmtdesc.size, [[fmtdesc.index, index], [fmtdesc.type, this.type]]),
    ).map((entry) => fourccName(entry.get(fmtdesc.pixelformat)));
  }

  /** Sizes of a format; of a range, its two ends. */
  sizes(pixel_format: string): Size[] {
    const { frmsize } = layout;
    const found = this.#list(requests.enum_framesizes, (index) =>
      new Struct(frmsize.size, [
        [frmsize.index, index],
        [frmsize.pixel_format, fourcc(pixel_format)],
      ]));
    const [first] = found;
    const at = (entry: Struct, field: number) => entry.get(frmsize.first + field * 4);
    if (first === undefined || first.get(frmsize.type) === C.FRMSIZE_TYPE_DISCRETE) {
      return found.map((entry) => ({ width: at(entry, 0), height: at(entry, 1) }));
    }
    // Least, most and step of the width, then of the height.
    return [
      { width: at(first, 0), height: at(first, 3) },
      { width: at(first, 1), height: at(first, 4) },
    ];
  }

  /** Frames a second that a format has at a size; of a range, its first end. */
  rates(pixel_format: string, { width, height }: Size): number[] {
    const { frmival } = layout;
    const found = this.#list(requests.enum_frameintervals, (index) =>
      new Struct(frmival.size, [
        [frmival.index, index],
        [frmival.pixel_format, fourcc(pixel_format)],
        [frmival.width, width],
        [frmival.height, height],
      ]));
    const discrete = found[0]?.get(frmival.type) === C.FRMSIZE_TYPE_DISCRETE;
    return (discrete ? found : found.slice(0, 1)).map((entry) =>
      entry.get(frmival.denominator) / entry.get(frmival.numerator)
    );
  }

  /** The driver may choose another size, or another format: see what is returned. */
  setFormat(pixel_format: string, { width, height }: Size): VideoFormat {
    const { format } = layout;
    const { multiplanar } = this.capability;
    const wish = new Struct(format.size, [
      [format.type, this.type],
      [format.width, width],
      [format.height, height],
      [format.pixelformat, fourcc(pixel_format)],
      [multiplanar ? format.pix_mp.field : format.pix.field, C.FIELD_NONE],
    ]);
    this.call(requests.s_fmt, wish);
    return this.#readFormat(wish);
  }

  /** What the device is set to now. */
  format(): VideoFormat {
    const now = new Struct(layout.format.size, [[layout.format.type, this.type]]);
    this.call(requests.g_fmt, now);
    return this.#readFormat(now);
  }

  /** The rate that the driver chose; undefined where it has none to choose. */
  setRate(frames_per_second: number): number | undefined {
    const { streamparm } = layout;
    const wish = new Struct(streamparm.size, [
      [streamparm.type, this.type],
      [streamparm.numerator, 1_000],
      [streamparm.denominator, Math.round(frames_per_second * 1_000)],
    ]);
    try {
      this.call(requests.s_parm, wish);
    } catch (error) {
      if (isRefusal(error)) return undefined;
      throw error;
    }
    const numerator = wish.get(streamparm.numerator);
    const able = (wish.get(streamparm.capability) & C.CAP_TIMEPERFRAME) !== 0;
    return able && numerator > 0 ? wish.get(streamparm.denominator) / numerator : undefined;
  }

  /** Least and most of a control; undefined where the device has no such control. */
  controlRange(id: number): { readonly least: number; readonly most: number } | undefined {
    const { queryctrl } = layout;
    const query = new Struct(queryctrl.size, [[queryctrl.id, id]]);
    try {
      this.call(requests.queryctrl, query);
    } catch (error) {
      if (isRefusal(error)) return undefined;
      throw error;
    }
    if ((query.get(queryctrl.flags) & C.CTRL_FLAG_DISABLED) !== 0) return undefined;
    return { least: query.getSigned(queryctrl.minimum), most: query.getSigned(queryctrl.maximum) };
  }

  control(id: number): number {
    const ask = new Struct(layout.control.size, [[layout.control.id, id]]);
    this.call(requests.g_ctrl, ask);
    return ask.getSigned(layout.control.value);
  }

  setControl(id: number, value: number): void {
    const { control } = layout;
    this.call(
      requests.s_ctrl,
      new Struct(control.size, [[control.id, id], [control.value, value]]),
    );
  }

  /** Asks to be told when what comes in changes its shape; false where a device cannot. */
  watchSource(): boolean {
    const { subscription } = layout;
    const wish = new Struct(subscription.size, [[subscription.type, C.EVENT_SOURCE_CHANGE]]);
    try {
      return this.call(requests.subscribe_event, wish);
    } catch (error) {
      if (isRefusal(error)) return false;
      throw error;
    }
  }

  /** Takes all events that wait; true when one of them was a change of the source. */
  sourceChanged(): boolean {
    let changed = false;
    for (let taken = 0; taken < hardwareLimits.listed_by_device; taken++) {
      const event = new Struct(layout.event.size);
      try {
        if (!this.call(requests.dqevent, event)) break;
      } catch (error) {
        // Some drivers say so when nothing waits.
        if (error instanceof SystemCallError && error.code === errno.ENOENT) break;
        throw error;
      }
      changed ||= event.get(layout.event.type) === C.EVENT_SOURCE_CHANGE;
    }
    return changed;
  }

  /** Takes over the timings of what is plugged into a grabber. Cameras know nothing of this. */
  followSource(): void {
    const timings = new Struct(layout.dv_timings.size);
    try {
      this.call(requests.query_dv_timings, timings);
      this.call(requests.s_dv_timings, timings);
    } catch (error) {
      if (!(error instanceof SystemCallError) || error.code === errno.ENODEV) throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#libc.close(this.descriptor);
  }

  #queryCapability(): Capability {
    const { capability } = layout;
    const answer = new Struct(capability.size);
    this.call(requests.querycap, answer);
    const all = answer.get(capability.capabilities);
    // What this node can do, rather than the whole device.
    const can = (all & C.CAP_DEVICE_CAPS) !== 0 ? answer.get(capability.device_caps) : all;
    const single = (can & C.CAP_VIDEO_CAPTURE) !== 0;
    const multiplanar = !single && (can & C.CAP_VIDEO_CAPTURE_MPLANE) !== 0;
    return {
      driver: answer.text(capability.driver, 16),
      card: answer.text(capability.card, 32),
      bus: answer.text(capability.bus_info, 32),
      captures: (single || multiplanar) && (can & C.CAP_STREAMING) !== 0,
      multiplanar,
    };
  }

  #readFormat(answer: Struct): VideoFormat {
    const { format } = layout;
    const { pix, pix_mp } = format;
    const count = this.capability.multiplanar ? answer.bytes[pix_mp.num_planes]! : 1;
    const planes = this.capability.multiplanar
      ? Array.from({ length: Math.min(count, 8) }, (_, plane) => {
        const at = pix_mp.planes + plane * pix_mp.plane_size;
        return {
          stride: answer.get(at + pix_mp.bytesperline),
          size: answer.get(at + pix_mp.sizeimage),
        };
      })
      : [{ stride: answer.get(pix.bytesperline), size: answer.get(pix.sizeimage) }];
    return {
      pixel_format: fourccName(answer.get(format.pixelformat)),
      width: answer.get(format.width),
      height: answer.get(format.height),
      planes,
    };
  }

  /** Asks for the first, the second, and so on, until the driver knows no more. */
  #list(request: IoctlRequest, entry: (index: number) => Struct): Struct[] {
    const found: Struct[] = [];
    while (found.length < hardwareLimits.listed_by_device) {
      const next = entry(found.length);
      try {
        this.call(request, next);
      } catch (error) {
        if (isRefusal(error)) return found;
        throw error;
      }
      found.push(next);
    }
    return found;
  }
}

/** The driver does not know the request, or has no more of what was asked for. */
function isRefusal(error: unknown): boolean {
  return error instanceof SystemCallError &&
    [errno.EINVAL, errno.ENOTTY].some((code) => code === error.code);
}
