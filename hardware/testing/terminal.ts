/** A pseudo terminal: a serial line whose other end a test holds. */
import type { Libc } from "../ffi/libc.ts";

export interface Terminal extends Disposable {
  /** The end that a program opens. */
  readonly path: string;
  say(text: string): void;
}

const request = (name: string, code: number) => ({ name, code: BigInt(code) });

/** A new pseudo terminal: unlocked, and its number asked. */
export function openTerminal(libc: Libc): Terminal {
  const master = libc.open("/dev/ptmx");
  const number = new Uint8Array(4);
  libc.ioctl(master, request("TIOCSPTLCK", 0x40045431), number);
  libc.ioctl(master, request("TIOCGPTN", 0x80045430), number);
  let open = true;
  return {
    path: `/dev/pts/${new DataView(number.buffer).getUint32(0, true)}`,
    say: (text) => void libc.write(master, new TextEncoder().encode(text)),
    [Symbol.dispose]() {
      if (open) libc.close(master);
      open = false;
    },
  };
}
