/** Whether the system files of the installation are told as they are. */
import assert from "node:assert/strict";
import { parseConfig } from "../../runtime/config.ts";
import example from "../store.example.json" with { type: "json" };
import { installedFindings, installedPaths, systemFiles } from "./installed.ts";

const simulated = parseConfig(example);
const real = parseConfig({
  ...example,
  beacons: [{ ...example.beacons[0], device: { kind: "bluez", adapter: "hci0" } }],
  policies: { allow_drawn_models: true },
  perception: { allow_drawn_models: true },
});

/** Of a machine whose folders are these. */
async function examined(prepare: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  await prepare(folder);
  const files = systemFiles.map((file) => ({ ...file, folders: [folder] }));
  const found = installedFindings(real, files);
  await Deno.remove(folder, { recursive: true });
  return found.map(({ what, verdict, mend }) => [what, verdict, mend !== undefined]);
}

const copy = (name: string, to: string) =>
  Deno.copyFile(new URL(`../system/${name}`, import.meta.url), `${to}/${name}`);

Deno.test("what is installed as it is shipped is well", async () => {
  const found = await examined(async (folder) => {
    for (const { name } of systemFiles) await copy(name, folder);
  });
  assert.deepEqual(found, [["udev", "well", false], ["dbus", "well", false]]);
});

Deno.test("what is absent or another is a note, with the way to install it", async () => {
  const found = await examined(async (folder) => {
    await Deno.writeTextFile(`${folder}/saunter-bluez.conf`, "<busconfig/>");
  });
  assert.deepEqual(found, [["udev", "note", true], ["dbus", "note", true]]);
});

Deno.test("a store that is played needs none of them, and nothing is read for it", () => {
  assert.deepEqual(installedFindings(simulated), []);
  assert.deepEqual(installedPaths(simulated), []);
});
