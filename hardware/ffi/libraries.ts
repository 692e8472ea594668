/**
 * Where the system's libraries lie. A process that may use just those of its configuration must
 * name them by their whole paths, so they are looked for in the folders where Linux keeps them.
 */
import { HardwareError } from "../errors.ts";

const folders = [
  `/usr/lib/${Deno.build.arch}-linux-gnu`,
  "/usr/lib64",
  "/usr/lib",
  `/lib/${Deno.build.arch}-linux-gnu`,
  "/lib64",
  "/lib",
];

/** The libraries of drivers, and the Debian packages that bring them. */
export const libraries = {
  "libc.so.6": "libc6",
  "libdbus-1.so.3": "libdbus-1-3",
  "libasound.so.2": "libasound2",
} as const;
export type LibraryName = keyof typeof libraries;

/** The whole path of a library; undefined where it is not installed. Reads the folders. */
export function libraryPath(name: LibraryName): string | undefined {
  return folders.map((folder) => `${folder}/${name}`).find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

/**
 * Opens a library of the system, or the stand-in at `path`. Throws `HardwareError`
 * `device_missing` where it is not installed, or may not be used.
 */
export function openLibrary<T extends Deno.ForeignLibraryInterface>(
  name: LibraryName,
  symbols: T,
  path?: string,
): Deno.DynamicLibrary<T> {
  const places = path === undefined ? folders.map((folder) => `${folder}/${name}`) : [path];
  let trouble = "";
  for (const place of places) {
    try {
      return Deno.dlopen(place, symbols);
    } catch (error) {
      // What was there and could not be used says more than the folders where nothing is.
      const reason = (error instanceof Error ? error.message : String(error)).split("\n", 1)[0]!;
      if (trouble === "" || !/No such file/.test(reason)) trouble = reason;
    }
  }
  throw new HardwareError(
    "device_missing",
    `${path ?? name} cannot be used (${trouble}): install ${
      libraries[name]
    } on 64-bit Linux, and ` +
      "let the gateway use it (--allow-ffi)",
  );
}
