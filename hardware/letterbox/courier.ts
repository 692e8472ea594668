/**
 * A phone's side of an exchange at a letterbox, over any connection that writes and reads values:
 * the letter goes in piece by piece, and the answer is fetched when it is there.
 */
import { HardwareError } from "../errors.ts";
import { hardwareLimits as limits } from "../limits.ts";
import { failed, type Fragment, fragmentOf, not_yet, readFragment } from "./fragments.ts";

/** A connection to a letterbox; both reject with `HardwareError`. */
export interface LetterLink {
  /** The most that one write carries at once; longer values would go in several. */
  readonly value_bytes: number;
  write(value: Uint8Array<ArrayBuffer>): Promise<void>;
  read(): Promise<Uint8Array>;
}

export interface Delivery {
  readonly hardware_id: string;
  readonly letter: Uint8Array;
  /** Another number than that of the letter before. */
  readonly exchange: number;
  readonly signal?: AbortSignal | undefined;
  /** Waits between two looks for the answer. */
  readonly pause: (delay_ms: number) => Promise<void>;
}

const look_every_ms = 100;

/** Rejects with `HardwareError`. */
export async function deliver(
  link: LetterLink,
  delivery: Delivery,
): Promise<Uint8Array<ArrayBuffer>> {
  const { hardware_id, letter, exchange, signal } = delivery;
  if (letter.length === 0 || letter.length > limits.letter_bytes) {
    throw new HardwareError(
      "format_unsupported",
      `a letter has 1 to ${limits.letter_bytes} bytes, not ${letter.length}`,
    );
  }
  for (let offset = 0; offset < letter.length;) {
    stopAt(signal, hardware_id);
    const piece = fragmentOf(exchange, offset, letter, link.value_bytes);
    await link.write(piece);
    offset += readFragment(piece)?.bytes.length ?? 0;
  }
  const first = await firstPart(link, delivery);
  const answer = new Uint8Array(first.total);
  let filled = 0;
  for (let piece: Fragment = first;; piece = await nextPart(link, delivery)) {
    const fits = piece.offset === filled && piece.total === first.total && piece.bytes.length > 0;
    if (!fits) throw lost(hardware_id);
    answer.set(piece.bytes, filled);
    filled += piece.bytes.length;
    if (filled === answer.length) return answer;
  }
}

/** Looks until there is an answer. */
async function firstPart(link: LetterLink, delivery: Delivery): Promise<Fragment> {
  const looks = Math.ceil(limits.letter_patience_ms / look_every_ms);
  for (let look = 0; look < looks; look++) {
    const piece = await nextPart(link, delivery);
    if (piece.total !== not_yet) return piece;
    await delivery.pause(look_every_ms);
  }
  throw lost(delivery.hardware_id);
}

async function nextPart(
  link: LetterLink,
  { hardware_id, exchange, signal }: Delivery,
): Promise<Fragment> {
  stopAt(signal, hardware_id);
  let piece: Fragment | undefined;
  try {
    piece = readFragment(await link.read());
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  const sound = piece !== undefined && piece.exchange === exchange && piece.total !== failed &&
    piece.total <= limits.letter_answer_bytes;
  if (!sound || piece === undefined) throw lost(hardware_id);
  return piece;
}

function stopAt(signal: AbortSignal | undefined, hardware_id: string): void {
  if (signal?.aborted) throw lost(hardware_id);
}

/** The connection broke, or the beacon answers nothing that can be read. */
export function lost(hardware_id: string, options?: ErrorOptions): HardwareError {
  return new HardwareError(
    "device_lost",
    `beacon ${hardware_id} did not answer a letter: it is tried again where it is heard`,
    options,
  );
}
