/** The sound cards of a machine that can listen, and whether they may be used now. */
import { openLibrary } from "../ffi/libraries.ts";
import { hardwareLimits } from "../limits.ts";

const symbols = {
  snd_card_next: { parameters: ["buffer"], result: "i32" },
  snd_card_get_name: { parameters: ["i32", "buffer"], result: "i32" },
  snd_pcm_open: { parameters: ["buffer", "buffer", "i32", "i32"], result: "i32" },
  snd_pcm_close: { parameters: ["pointer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

const CAPTURE = 1, NONBLOCK = 1, EACCES = 13, EBUSY = 16;

export interface SoundCard {
  /** As a microphone's `pcm` names it. */
  readonly pcm: string;
  readonly name: string;
  /** `deaf`: it only plays. */
  readonly state: "free" | "busy" | "forbidden" | "deaf";
}

/** Opens each for a moment and reads nothing. Throws `HardwareError` `device_missing` without the
 * library. */
export function soundCards(): SoundCard[] {
  const library = openLibrary("libasound.so.2", symbols);
  const { symbols: c } = library;
  try {
    const found: SoundCard[] = [];
    const card = new Int32Array([-1]);
    const next = () => c.snd_card_next(new Uint8Array(card.buffer)) === 0 && card[0]! >= 0;
    while (found.length < hardwareLimits.sound_cards && next()) {
      const number = card[0]!;
      const pcm = `plughw:${number}`;
      found.push({ pcm, name: nameOf(c, number), state: stateOf(c, pcm) });
    }
    return found;
  } finally {
    library.close();
  }
}

type Calls = Deno.DynamicLibrary<typeof symbols>["symbols"];

/** The library keeps the text for whoever asked, until the process ends. */
function nameOf(c: Calls, number: number): string {
  const place = new BigUint64Array(1);
  const asked = c.snd_card_get_name(number, new Uint8Array(place.buffer));
  const text = asked === 0 ? Deno.UnsafePointer.create(place[0]!) : null;
  return text === null ? "without a name" : new Deno.UnsafePointerView(text).getCString();
}

function stateOf(c: Calls, pcm: string): SoundCard["state"] {
  const place = new BigUint64Array(1);
  const name = new TextEncoder().encode(`${pcm}\0`);
  const opened = c.snd_pcm_open(new Uint8Array(place.buffer), name, CAPTURE, NONBLOCK);
  if (opened === -EBUSY) return "busy";
  if (opened === -EACCES) return "forbidden";
  if (opened < 0) return "deaf";
  c.snd_pcm_close(Deno.UnsafePointer.create(place[0]!));
  return "free";
}
