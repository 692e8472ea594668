/** A gateway may touch what its configuration names, and nothing else. */
import assert from "node:assert/strict";
import { parseConfig } from "../../runtime/config.ts";
import { exampleStore } from "./orders.ts";
import { installedPaths } from "../doctor/installed.ts";
import { doctorPermissions } from "../doctor/permissions.ts";
import { gatewayPermissions } from "./permissions.ts";

const written = () =>
  JSON.parse(Deno.readTextFileSync(new URL(`../../${exampleStore}`, import.meta.url)));

/** Flags by their names. */
function granted(change: (draft: ReturnType<typeof written>) => void): Map<string, string> {
  const draft = written();
  change(draft);
  const config = parseConfig(draft, { folder: "/srv/store" });
  const flags = gatewayPermissions(config, "/opt/saunter", (name) => `/usr/lib/${name}`);
  return new Map(flags.map((flag) => flag.split(/=(.*)/s) as [string, string]));
}

Deno.test("a simulated store calls no library", () => {
  const flags = granted(() => {});
  assert.deepEqual([...flags.keys()].sort(), [
    "--allow-net",
    "--allow-read",
    "--allow-write",
    "--ignore-env",
  ]);
  assert.equal(flags.get("--allow-net"), "127.0.0.1:8480,127.0.0.1:8490,127.0.0.1:8491");
});

Deno.test("a store whose port the system chooses may be asked on whichever it is", () => {
  const flags = granted((draft) => void (draft.http.port = 0));
  assert.equal(flags.get("--allow-net"), "127.0.0.1,127.0.0.1:8490,127.0.0.1:8491");
});

Deno.test("a store of real cameras calls libraries, and reads no devices by itself", () => {
  const flags = granted((draft) => {
    draft.perception.allow_drawn_models = true;
    draft.policies.allow_drawn_models = true;
    for (const camera of draft.cameras) {
      camera.device = { kind: "v4l2", path: "/dev/v4l/by-id/usb-1" };
    }
  });
  assert.ok(flags.has("--allow-ffi"));
  assert.ok(!flags.get("--allow-read")?.includes("/dev"), "the driver opens it, not Deno");
});

Deno.test("a store with one scale on a serial line calls libraries", () => {
  const flags = granted((draft) => {
    draft.perception.allow_drawn_models = true;
    draft.policies.allow_drawn_models = true;
    for (const shelf of draft.aisle.shelves) shelf.device = { kind: "outside" };
    draft.aisle.shelves[0].plates[0].scale = { kind: "serial", path: "/dev/serial/by-id/tea" };
    draft.aisle.mqtt = { url: "mqtts://broker.shop" };
  });
  assert.equal(flags.get("--allow-ffi"), undefined);
  assert.ok(flags.has("--allow-ffi"));
  assert.ok(!flags.get("--allow-read")?.includes("/dev"), "the driver opens it, not Deno");
  assert.ok(flags.get("--allow-net")?.endsWith(",broker.shop:8883"));
});

Deno.test("the doctor may touch one folder, three hosts and the libraries there are", () => {
  const draft = written();
  draft.beacons[0].device = { kind: "bluez", adapter: "hci0" };
  const config = parseConfig(draft, { folder: "/srv/store" });
  const there = (name: string) => name === "libc.so.6" ? `/usr/lib/${name}` : undefined;
  assert.deepEqual(doctorPermissions(config, there), [
    "--allow-net=127.0.0.1:8480,127.0.0.1:8490,127.0.0.1:8491",
    `--allow-read=${["/srv/data/riverside", "/usr/lib/libc.so.6", ...installedPaths(config)]}`,
    "--allow-write=/srv/data/riverside",
    "--allow-ffi",
    "--allow-sys=uid",
    "--allow-run=id",
  ]);
  const played = parseConfig(written(), { folder: "/srv/store" });
  const flags = doctorPermissions(played, there).map((flag) => flag.split("=")[0]);
  assert.deepEqual(flags, ["--allow-net", "--allow-read", "--allow-write"]);
});
