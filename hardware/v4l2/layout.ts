/**
 * Video for Linux in numbers: requests, and where the fields of its structures lie. Those of
 * `linux/videodev2.h` on 64-bit machines, x86_64 and aarch64 alike; a test compiles the header and
 * compares.
 */
import type { IoctlRequest } from "../ffi/libc.ts";

const request = (name: string, code: number): IoctlRequest => ({
  name: `VIDIOC_${name}`,
  code: BigInt(code),
});

export const requests = {
  querycap: request("QUERYCAP", 0x80685600),
  enum_fmt: request("ENUM_FMT", 0xc0405602),
  g_fmt: request("G_FMT", 0xc0d05604),
  s_fmt: request("S_FMT", 0xc0d05605),
  reqbufs: request("REQBUFS", 0xc0145608),
  querybuf: request("QUERYBUF", 0xc0585609),
  qbuf: request("QBUF", 0xc058560f),
  dqbuf: request("DQBUF", 0xc0585611),
  streamon: request("STREAMON", 0x40045612),
  streamoff: request("STREAMOFF", 0x40045613),
  s_parm: request("S_PARM", 0xc0cc5616),
  g_ctrl: request("G_CTRL", 0xc008561b),
  s_ctrl: request("S_CTRL", 0xc008561c),
  queryctrl: request("QUERYCTRL", 0xc0445624),
  enum_framesizes: request("ENUM_FRAMESIZES", 0xc02c564a),
  enum_frameintervals: request("ENUM_FRAMEINTERVALS", 0xc034564b),
  s_dv_timings: request("S_DV_TIMINGS", 0xc0845657),
  dqevent: request("DQEVENT", 0x80885659),
  subscribe_event: request("SUBSCRIBE_EVENT", 0x4020565a),
  query_dv_timings: request("QUERY_DV_TIMINGS", 0x80845663),
} as const;

/** `struct v4l2_capability`. */
export const capability = {
  size: 104,
  driver: 0,
  card: 16,
  bus_info: 48,
  capabilities: 84,
  device_caps: 88,
} as const;

/** `struct v4l2_fmtdesc`. */
export const fmtdesc = { size: 64, index: 0, type: 4, flags: 8, description: 12, pixelformat: 44 };

/** `struct v4l2_format`: a union, of which two members are used. */
export const format = {
  size: 208,
  type: 0,
  width: 8,
  height: 12,
  pixelformat: 16,
  /** Single-planar: `fmt.pix`. */
  pix: { field: 20, bytesperline: 24, sizeimage: 28 },
  /** Multiplanar: `fmt.pix_mp`. */
  pix_mp: { field: 20, planes: 28, plane_size: 20, sizeimage: 0, bytesperline: 4, num_planes: 188 },
} as const;

/** `struct v4l2_requestbuffers`. */
export const requestbuffers = { size: 20, count: 0, type: 4, memory: 8 } as const;

/** `struct v4l2_buffer`. */
export const buffer = {
  size: 88,
  index: 0,
  type: 4,
  bytesused: 8,
  flags: 12,
  timestamp_s: 24,
  timestamp_us: 32,
  sequence: 56,
  memory: 60,
  offset: 64,
  length: 72,
} as const;

/** `struct v4l2_plane`. */
export const plane = { size: 64, bytesused: 0, length: 4, offset: 8, data_offset: 16 } as const;

/** `struct v4l2_streamparm`, for capture. */
export const streamparm = { size: 204, type: 0, capability: 4, numerator: 12, denominator: 16 };

/** `struct v4l2_frmsizeenum`. */
export const frmsize = { size: 44, index: 0, pixel_format: 4, type: 8, first: 12 } as const;

/** `struct v4l2_frmivalenum`. */
export const frmival = {
  size: 52,
  index: 0,
  pixel_format: 4,
  width: 8,
  height: 12,
  type: 16,
  numerator: 20,
  denominator: 24,
} as const;

/** `struct v4l2_control`, and `struct v4l2_queryctrl` of which the range is used. */
export const control = { size: 8, id: 0, value: 4 } as const;
export const queryctrl = { size: 68, id: 0, minimum: 40, maximum: 44, flags: 56 } as const;

/** `struct v4l2_event_subscription` and `struct v4l2_event`. */
export const subscription = { size: 32, type: 0 } as const;
export const event = { size: 136, type: 0 } as const;

/** `struct v4l2_dv_timings`. */
export const dv_timings = { size: 132 } as const;

export const constants = {
  BUF_TYPE_VIDEO_CAPTURE: 1,
  BUF_TYPE_VIDEO_CAPTURE_MPLANE: 9,
  MEMORY_MMAP: 1,
  FIELD_ANY: 0,
  FIELD_NONE: 1,
  CAP_VIDEO_CAPTURE: 0x1,
  CAP_VIDEO_CAPTURE_MPLANE: 0x1000,
  CAP_TIMEPERFRAME: 0x1000,
  CAP_STREAMING: 0x4000000,
  CAP_DEVICE_CAPS: 0x80000000,
  BUF_FLAG_ERROR: 0x40,
  BUF_FLAG_TIMESTAMP_MASK: 0xe000,
  BUF_FLAG_TIMESTAMP_MONOTONIC: 0x2000,
  EVENT_SOURCE_CHANGE: 5,
  FRMSIZE_TYPE_DISCRETE: 1,
  CTRL_FLAG_DISABLED: 1,
  CID_BRIGHTNESS: 0x980900,
  CID_AUTOGAIN: 0x980912,
  CID_GAIN: 0x980913,
  CID_POWER_LINE_FREQUENCY: 0x980918,
  CID_EXPOSURE_AUTO: 0x9a0901,
  CID_EXPOSURE_ABSOLUTE: 0x9a0902,
} as const;

/** `YUYV` as a driver writes it: four characters in a number. */
export function fourcc(name: string): number {
  return [...name].reduce((code, letter, i) => (code | letter.charCodeAt(0) << 8 * i) >>> 0, 0);
}

export function fourccName(code: number): string {
  return String.fromCharCode(...[0, 8, 16, 24].map((shift) => code >>> shift & 0x7f)).trimEnd();
}
