/** What a GPIO chip says of itself and its lines, asked without taking any of them. */
import type { IoctlRequest, Libc } from "../ffi/libc.ts";
import { hardwareLimits } from "../limits.ts";

const request = (name: string, code: number): IoctlRequest => ({ name, code: BigInt(code) });

/** Numbers of `linux/gpio.h`; a test compiles the header and compares. */
export const chipNumbers = {
  get_chip: request("GPIO_GET_CHIPINFO_IOCTL", 0x8044b401),
  get_line_info: request("GPIO_V2_GET_LINEINFO_IOCTL", 0xc100b405),
  chip_info: { size: 68, label: 32, lines: 64 },
  line_info: { size: 256, consumer: 32, offset: 64, flags: 72 },
  flags: { used: 1 },
} as const;

export interface Chip {
  /** The kernel's name for it, and its maker's. */
  readonly name: string;
  readonly label: string;
  readonly lines: number;
  /** Who has a line, by its number: the kernel or a program, by the name that it gave. */
  readonly used: ReadonlyMap<number, string>;
}

/** Throws `SystemCallError`: ENOENT, EACCES, ENOTTY for what is no chip. */
export function readChip(libc: Libc, path: string): Chip {
  const { get_chip, get_line_info, chip_info, line_info, flags } = chipNumbers;
  const device = libc.open(path);
  try {
    const info = new Uint8Array(chip_info.size);
    libc.ioctl(device, get_chip, info);
    const told = new DataView(info.buffer).getUint32(chip_info.lines, true);
    const lines = Math.min(told, hardwareLimits.gpio_lines);
    const used = new Map<number, string>();
    for (let line = 0; line < lines; line++) {
      const bytes = new Uint8Array(line_info.size);
      const fields = new DataView(bytes.buffer);
      fields.setUint32(line_info.offset, line, true);
      libc.ioctl(device, get_line_info, bytes);
      if ((Number(fields.getBigUint64(line_info.flags, true)) & flags.used) === 0) continue;
      used.set(line, textIn(bytes, line_info.consumer));
    }
    return { name: textIn(info, 0), label: textIn(info, chip_info.label), lines, used };
  } finally {
    libc.close(device);
  }
}

const text_bytes = 32;

/** Up to the first zero. */
function textIn(bytes: Uint8Array, at: number): string {
  const field = bytes.subarray(at, at + text_bytes);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}
