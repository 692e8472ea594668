/** What the doctor says of Bluetooth, on a bus of its own with a bluetoothd of the tests'. */
import assert from "node:assert/strict";
import { openLibc } from "../../hardware/ffi/libc.ts";
import { FakeBluez, startBus } from "../../hardware/testing/fake_bluez.ts";
import { parseConfig } from "../../runtime/config.ts";
import example from "../store.example.json" with { type: "json" };
import type { Finding } from "./findings.ts";
import { radioFindings } from "./radio.ts";

/** Of a store whose first beacon is this one, on an adapter with so many advertisements. */
async function examined(
  slots: number,
  device: Record<string, unknown>,
  prepare: (fake: FakeBluez) => void = () => {},
): Promise<Map<string, Finding>> {
  using libc = openLibc();
  await using bus = await startBus();
  await using fake = await FakeBluez.start(libc, bus.address, slots);
  prepare(fake);
  const [beacon] = example.beacons;
  const config = parseConfig({
    ...example,
    beacons: [{ ...beacon, device: { kind: "bluez", ...device } }],
    policies: { allow_drawn_models: true },
    perception: { allow_drawn_models: true },
  });
  const found = await radioFindings(config, libc, bus.address);
  return new Map(found.map((finding) => [finding.what, finding]));
}

const beacon = `beacon ${example.beacons[0]!.hardware_id}`;

Deno.test("every adapter is told with its free advertisements, and left as it is", async () => {
  let calls: readonly string[] = [];
  const found = await examined(4, { adapter: "hci0" }, (fake) => {
    fake.addAdapter("hci1", "AA:BB:CC:00:00:01");
    calls = fake.calls;
  });
  assert.ok(!calls.includes("Set /org/bluez/hci1"), calls.join(", "));
  assert.equal(
    found.get("adapter hci1")?.detail,
    "AA:BB:CC:00:00:01, off, 4 of 4 advertisements free",
  );
  assert.equal(found.get(beacon)?.verdict, "well");
});

Deno.test("too few advertisements are wrong, just enough a note", async () => {
  const fixed_frames = [{
    kind: "eddystone_uid",
    power_dbm: -20,
    namespace: "00112233445566778899",
    instance: "aabbccddeeff",
  }];
  const few = await examined(1, { adapter: "hci0", fixed_frames });
  assert.equal(few.get(beacon)?.verdict, "wrong");
  assert.match(few.get(beacon)?.mend ?? "", /2 are needed/);
  const enough = await examined(2, { adapter: "hci0", fixed_frames });
  assert.equal(enough.get(beacon)?.verdict, "note");
});

Deno.test("the adapter that reads nonces is looked for as well", async () => {
  const device = { adapter: "hci0", nonce_adapter: "hci7" };
  const absent = await examined(4, device);
  const what = [...absent.keys()].find((one) => one.startsWith("nonce of"))!;
  assert.equal(absent.get(what)?.verdict, "wrong");
  assert.match(absent.get(what)?.mend ?? "", /plug it in/);
  const there = await examined(
    4,
    device,
    (fake) => fake.addAdapter("hci7", "AA:BB:CC:00:00:07"),
  );
  assert.equal(there.get(what)?.verdict, "well");
});

Deno.test("where BlueZ has no adapter that is said, once and for the beacon", async () => {
  const found = await examined(4, { adapter: "hci0" }, (fake) => fake.removeAdapter("hci0"));
  assert.equal(found.get("bluetooth")?.verdict, "wrong");
  assert.equal(found.get(beacon)?.verdict, "wrong");
});
