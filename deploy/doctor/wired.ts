/** The doctor's look at what hangs on wires: sound cards, GPIO chips and scales on serial lines. */
import { type SoundCard, soundCards } from "../../hardware/alsa/cards.ts";
import { HardwareError } from "../../hardware/errors.ts";
import { errno, type Libc, SystemCallError } from "../../hardware/ffi/libc.ts";
import { libraries, libraryPath } from "../../hardware/ffi/libraries.ts";
import type { SerialSpeed } from "../../hardware/ffi/libc.ts";
import { readChip } from "../../hardware/gpio/chips.ts";
import { SerialScale } from "../../hardware/scale/serial.ts";
import { explained, type Finding, note, reasonOf, well, wrong } from "./findings.ts";

const numbered = (name: string, count: number) =>
  Array.from({ length: count }, (_, number) => `/dev/${name}${number}`);

/** Every sound card of the machine that can listen, whoever uses it. */
export function soundFindings(cards: () => readonly SoundCard[] = soundCards): Finding[] {
  if (libraryPath("libasound.so.2") === undefined) {
    const mend = `microphones need it: apt-get install ${libraries["libasound.so.2"]}`;
    return [note("sound", "ALSA's library is not installed", mend)];
  }
  return cards().flatMap(({ pcm, name, state }): Finding[] => {
    const what = `sound ${pcm}`;
    switch (state) {
      case "free":
        return [note(what, `${name}, free`)];
      case "busy":
        return [note(what, `${name}, busy`, "if no gateway listens, `fuser /dev/snd/*` names who")];
      case "forbidden":
        return [wrong(what, `${name}, forbidden`, "add the gateway's user to group audio")];
      case "deaf":
        return [];
    }
  });
}

const chips = 32;

/** Every GPIO chip of the machine, and how many of its lines nobody has. */
export function chipFindings(libc: Libc, paths = numbered("gpiochip", chips)): Finding[] {
  return paths.flatMap((path): Finding[] => {
    try {
      const { label, lines, used } = readChip(libc, path);
      return [note(path, `${label}, ${lines - used.size} of ${lines} lines free`)];
    } catch (error) {
      return absent(error) ? [] : [troubled(path, error, "gpio")];
    }
  });
}

/** Lines that a gate or a lamp drives: there, and free. Drives none of them. */
export function lineFinding(
  what: string,
  { chip, lines }: { readonly chip: string; readonly lines: readonly number[] },
  libc: Libc,
): Finding {
  try {
    const found = readChip(libc, chip);
    const beyond = lines.filter((line) => line >= found.lines);
    if (beyond.length > 0) {
      const detail = `${chip} has no line ${beyond.join(", ")}`;
      return wrong(what, detail, `correct it: the last is ${found.lines - 1}`);
    }
    const held = lines.flatMap((line) => {
      const consumer = found.used.get(line);
      return consumer === undefined ? [] : [`line ${line} by ${consumer || "the kernel"}`];
    });
    if (held.length === 0) return well(what, `${chip} has line ${lines.join(", ")} free`);
    const ours = held.every((one) => one.includes(" by saunter"));
    const detail = `${chip} has ${held.join(", ")}`;
    return ours
      ? note(what, `${detail}, a gateway that runs`)
      : wrong(what, `${detail}, another program`, "end that one, or take another line");
  } catch (error) {
    if (absent(error)) return wrong(what, `there is no ${chip}`, "plug it in, or correct its path");
    return troubled(what, error, "gpio");
  }
}

const serials = 16;

/** Every serial line of the machine with something behind it, by the names of USB's drivers. */
export function serialFindings(
  libc: Libc,
  paths = [...numbered("ttyUSB", serials), ...numbered("ttyACM", serials)],
): Finding[] {
  return paths.flatMap((path): Finding[] => {
    try {
      libc.close(libc.open(path));
      return [note(path, "a serial line", "name it by its link below /dev/serial/by-id")];
    } catch (error) {
      return absent(error) ? [] : [troubled(path, error, "dialout")];
    }
  });
}

/** How long a first weighing may take: longer than the driver waits before it complains. */
const patience_ms = 12_000;

/** A scale: its line is there, may be opened, and weighings arrive at its speed. */
export async function scaleFinding(
  what: string,
  { path, baud = 9_600 }: { readonly path: string; readonly baud?: SerialSpeed },
  libc: Libc,
): Promise<Finding> {
  const id = what.replace(/^scale /, "");
  const scale = new SerialScale({ id, libc, path, baud });
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(), patience_ms);
  try {
    for await (const { grams, at_rest } of scale.weights(stop.signal)) {
      const rests = at_rest ? "at rest" : "moving";
      return well(what, `${path} weighs ${grams} g, ${rests}, at ${baud} baud`);
    }
    return wrong(what, `${path} sends no weighing`, "set it to send by itself");
  } catch (error) {
    if (error instanceof HardwareError) return explained(what, error);
    throw error;
  } finally {
    clearTimeout(late);
  }
}

const absent = (error: unknown) =>
  error instanceof SystemCallError && (error.code === errno.ENOENT || error.code === errno.ENXIO);

function troubled(what: string, error: unknown, group: string): Finding {
  if (!(error instanceof SystemCallError)) throw error;
  if (error.code === errno.EACCES || error.code === errno.EPERM) {
    return wrong(what, reasonOf(error), `add the gateway's user to group ${group}`);
  }
  if (error.code === errno.EBUSY) {
    return note(what, reasonOf(error), "if no gateway has it, end the program that does");
  }
  return wrong(what, reasonOf(error), "check its cable, and whether it is what its name says");
}
