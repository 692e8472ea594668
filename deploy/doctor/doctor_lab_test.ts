/** The doctor in the lab's machine, as the user that the gateway runs as: what it says of the
 * kernel's own devices, of a real bluetoothd, and of the rules and the policy that are shipped. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { film, store } from "../lab/sale/store.ts";
import type { Finding } from "./findings.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const webcam = "/dev/v4l/by-name/vivid-000-vid-cap";
const planar = "/dev/v4l/by-name/vivid-001-vid-cap";

/** What it finds for the store of the lab's sale, with other devices. */
async function examined(devices: Record<string, unknown>): Promise<Map<string, Finding>> {
  const folder = await Deno.makeTempDir({ prefix: "doctor" });
  await Deno.chmod(folder, 0o777);
  const config = `${folder}/store.json`;
  const draft = { ...store, data: `${folder}/data`, http: { port: 0 }, ...devices };
  await Deno.writeTextFile(config, JSON.stringify(draft));
  const user = ["--reuid=saunter", "--regid=saunter", "--init-groups", "--reset-env"];
  const { stdout, stderr } = await new Deno.Command("setpriv", {
    args: [
      ...[...user, "env", "DENO_DIR=/deno", "DENO_NO_UPDATE_CHECK=1", Deno.execPath()],
      ...["run", "--quiet", "--cached-only", "--no-prompt", "--allow-env=INIT_CWD"],
      ...["--allow-read", `--allow-run=${Deno.execPath()}`, "deploy/doctor/main.ts"],
      ...["--config", config, "--json"],
    ],
    cwd: root,
  }).output();
  await Deno.remove(folder, { recursive: true });
  const text = new TextDecoder().decode(stdout);
  assert.notEqual(text, "", new TextDecoder().decode(stderr));
  const { findings } = JSON.parse(text) as { findings: Finding[] };
  return new Map(findings.map((one) => [one.what, one]));
}

const camera = (id: string, device: object) => ({
  ...store.cameras[0],
  id,
  device: { kind: "v4l2", ...device },
});
const beacon = (hardware_id: string, device: object) => ({
  ...store.beacons[0],
  hardware_id,
  device: { kind: "bluez", ...device },
});

Deno.test("what works is well for the gateway's user, what is not there is told", async () => {
  const found = await examined({
    lanes: [
      { ...store.lanes[0], microphone: "till-1" },
      { ...store.lanes[0], id: "2", camera: "till-2" },
    ],
    cameras: [
      camera("till-1", { path: webcam, width: film.width, height: film.height }),
      camera("till-2", { path: planar, controls: { power_line_hz: 50 } }),
    ],
    beacons: [
      beacon("riverside-b1", { adapter: "hci0", nonce_adapter: "hci1" }),
      beacon("riverside-b2", { adapter: "hci7" }),
    ],
    microphones: [{ id: "till-1", device: { kind: "alsa", pcm: "plughw:CARD=Loopback,DEV=1" } }],
  });
  const told = JSON.stringify([...found.values()], undefined, 1);
  const well = ["camera till-1", "microphone till-1", "beacon riverside-b1"];
  // Who may open them, and by which rules.
  well.push("nonce of riverside-b1", "user", "udev", "dbus", "libc.so.6", "libdbus-1.so.3");
  for (const what of well) assert.equal(found.get(what)?.verdict, "well", `${what} in ${told}`);
  assert.match(found.get("adapter hci0")?.detail ?? "", /advertisements free$/);
  assert.match(found.get("adapter hci1")?.detail ?? "", /^[0-9A-F:]{17}, on, /);
  assert.match(found.get("/dev/video0")?.detail ?? "", /^vivid, .*YUYV/);

  const wrong = (what: string) => {
    const { verdict, detail, mend } = found.get(what)!;
    assert.equal(verdict, "wrong", what);
    return `${detail}; ${mend}`;
  };
  assert.match(wrong("camera till-2"), /no control for power_line_hz; leave it out/);
  assert.match(wrong("beacon riverside-b2"), /no Bluetooth adapter hci7 .*plug it in/);
});
