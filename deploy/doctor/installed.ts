/**
 * The doctor's look at the system files that `deploy/system` ships: rules that name devices and say
 * who may open them, and the policy of the bus.
 */
import { fileURLToPath } from "node:url";
import type { Config } from "../../runtime/config.ts";
import { hasRadio, isReal } from "../start/needs.ts";
import { type Finding, note, reasonOf, well } from "./findings.ts";

const shipped = fileURLToPath(new URL("../system/", import.meta.url));

interface SystemFile {
  readonly what: string;
  readonly name: string;
  /** Where it may lie; the first is where it is copied to. */
  readonly folders: readonly string[];
  readonly after: string;
  readonly wanted: (config: Config) => boolean;
}

export const systemFiles: readonly SystemFile[] = [
  {
    what: "udev",
    name: "60-saunter.rules",
    folders: ["/etc/udev/rules.d", "/usr/lib/udev/rules.d"],
    after: "udevadm control --reload && udevadm trigger",
    wanted: isReal,
  },
  {
    what: "dbus",
    name: "saunter-bluez.conf",
    folders: ["/etc/dbus-1/system.d", "/usr/share/dbus-1/system.d"],
    after: "systemctl reload dbus",
    wanted: hasRadio,
  },
];

/** What the doctor reads to tell. */
export const installedPaths = (config: Config): string[] =>
  systemFiles.filter(({ wanted }) => wanted(config)).flatMap(({ name, folders }) => [
    `${shipped}${name}`,
    ...folders.map((folder) => `${folder}/${name}`),
  ]);

/** Devices may be opened without them, by other rules of the installation's own: a note. */
export function installedFindings(config: Config, files = systemFiles): Finding[] {
  return files.filter(({ wanted }) => wanted(config)).map(({ what, name, folders, after }) => {
    const mend = `cp deploy/system/${name} ${folders[0]}/ && ${after}`;
    for (const folder of folders) {
      const path = `${folder}/${name}`;
      try {
        const same = Deno.readTextFileSync(path) === Deno.readTextFileSync(`${shipped}${name}`);
        return same
          ? well(what, `${path} is the one that is shipped`)
          : note(what, `${path} is another than the one that is shipped`, mend);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) return note(what, reasonOf(error), mend);
      }
    }
    return note(what, `${name} is not installed`, mend);
  });
}
