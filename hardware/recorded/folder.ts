/**
 * A folder of recorded people: one folder a person, pictures in it. The first few enrol the person,
 * the others are shown to the camera later.
 */
import { HardwareError } from "../errors.ts";
import { hardwareLimits } from "../limits.ts";
import { decodePicture, pictureEndings } from "./decode.ts";
import type { Picture } from "./picture.ts";

/** Somebody in a folder of pictures. */
export interface RecordedPerson {
  /** The name of the person's folder. */
  readonly person: string;
  readonly enrol: readonly Picture[];
  /** Paths of the pictures that did not enrol, in the order of their names. */
  readonly probe: readonly string[];
}

/**
 * Orders names as people do: digits by their value (`2` before `10`), the rest by code unit, so
 * that the order is the same on every machine.
 */
export function naturalOrder(a: string, b: string): number {
  const left = a.match(/\d+|\D+/g) ?? [];
  const right = b.match(/\d+|\D+/g) ?? [];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const x = left[i]!;
    const y = right[i]!;
    if (x === y) continue;
    const both_numbers = /^\d/.test(x) && /^\d/.test(y);
    if (both_numbers && Number(x) !== Number(y)) return Number(x) - Number(y);
    return x < y ? -1 : 1;
  }
  return left.length - right.length;
}

/**
 * Reads a folder of people. `enrol` pictures of each (3 unless told otherwise) are decoded at once,
 * the paths of the others are listed. Throws `HardwareError`: `device_missing` when the folder is
 * not there or holds nobody, `picture_unreadable` for a broken picture or too few of a person.
 */
export async function listPeople(
  directory: string,
  options: { readonly enrol?: number } = {},
): Promise<RecordedPerson[]> {
  const enrol = options.enrol ?? 3;
  const names = await namesIn(directory, "folder", hardwareLimits.recorded_people);
  if (names.length === 0) {
    throw new HardwareError(
      "device_missing",
      `${directory} holds no folders; give one with a folder of pictures for each person`,
    );
  }
  const people: RecordedPerson[] = [];
  for (const person of names) {
    const folder = `${directory}/${person}`;
    const files = await namesIn(folder, "picture", hardwareLimits.recorded_pictures);
    const paths = files.map((file) => `${folder}/${file}`);
    if (paths.length < enrol) {
      throw new HardwareError(
        "picture_unreadable",
        `${folder} holds ${paths.length} pictures; ${enrol} are needed to enrol a person`,
      );
    }
    people.push({
      person,
      enrol: await Promise.all(paths.slice(0, enrol).map(readPicture)),
      probe: paths.slice(enrol),
    });
  }
  return people;
}

/** Reads and decodes one file. Throws `HardwareError` `picture_unreadable`. */
export async function readPicture(path: string): Promise<Picture> {
  let bytes: Uint8Array;
  try {
    const { size } = await Deno.stat(path);
    if (size > hardwareLimits.picture_bytes) {
      throw new RangeError(
        `it has ${size} bytes, at most ${hardwareLimits.picture_bytes} are read`,
      );
    }
    bytes = await Deno.readFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HardwareError("picture_unreadable", `${path} cannot be read: ${reason}`, { cause });
  }
  return decodePicture(bytes, path);
}

async function namesIn(
  directory: string,
  what: "folder" | "picture",
  most: number,
): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(directory)) {
      if (entry.name.startsWith(".")) continue;
      const fits = what === "folder"
        ? entry.isDirectory
        : pictureEndings.some((ending) => entry.name.toLowerCase().endsWith(ending));
      if (fits) names.push(entry.name);
    }
  } catch (cause) {
    throw new HardwareError(
      "device_missing",
      `the folder ${directory} cannot be listed; check its name and who may read it`,
      { cause },
    );
  }
  if (names.length > most) {
    throw new HardwareError(
      "picture_unreadable",
      `${directory} holds ${names.length} entries, more than ${most}; split it`,
    );
  }
  return names.sort(naturalOrder);
}
