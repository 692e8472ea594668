/** Telemetry beside a beacon's code, on a bus of its own: in an instance of its own, in turn with a
 * fixed frame where none is free, and never in the way of a code. */
import assert from "node:assert/strict";
import { Variant } from "../dbus/wire.ts";
import { openLibc } from "../ffi/libc.ts";
import { FakeBluez, startBus } from "../testing/fake_bluez.ts";
import { type BeaconFrame, framesOf } from "./adverts.ts";
import { BluezBeacon } from "./beacon.ts";
import { Bluez, mapOf } from "./bluez.ts";

const feaa = "0000feaa-0000-1000-8000-00805f9b34fb";
const far_ms = 9_000_000_000_000;
const code = (number: number) => number.toString(16).padStart(16, "0");
const uid: BeaconFrame = {
  kind: "eddystone_uid",
  power_dbm: 0,
  namespace: "00112233445566778899",
  instance: "aabbccddeeff",
};

async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 5));
}

function frames(fake: FakeBluez): BeaconFrame[] {
  return fake.onAir().flatMap((advert) => {
    const data = advert.get("ServiceData");
    const eddystone = mapOf(data instanceof Variant ? data.value : undefined).get(feaa);
    const bytes = eddystone instanceof Variant ? eddystone.value : undefined;
    if (!(bytes instanceof Uint8Array)) return [];
    return framesOf({ service_data: new Map([[0xfeaa, bytes]]), manufacturer_data: new Map() });
  });
}
const kinds = (fake: FakeBluez) => frames(fake).map(({ kind }) => kind).sort();

/** A beacon on an adapter with so many instances. */
async function onAir(slots: number, play: (fake: FakeBluez, beacon: BluezBeacon) => Promise<void>) {
  using libc = openLibc();
  await using bus = await startBus();
  const { address } = bus;
  await using fake = await FakeBluez.start(libc, address, slots);
  const bluez = new Bluez({ libc, address });
  const [hardware_id, adapter, fixed_frames] = ["b-1", "hci0", [uid]] as const;
  const told = { telemetry: true, watch_ms: 20 };
  const beacon = new BluezBeacon({ hardware_id, bluez, adapter, fixed_frames, ...told });
  await beacon.advertise({ code: code(1), nonce: "1", until_ms: far_ms });
  await play(fake, beacon);
  await beacon.close();
  assert.deepEqual(fake.onAir(), []);
  await bluez.close();
}

Deno.test("telemetry has an instance of its own, and tells how long the beacon is on the air", () =>
  onAir(3, async (fake) => {
    const uptime = () => frames(fake).find((one) => one.kind === "eddystone_tlm")?.uptime_s ?? -1;
    await until(() => uptime() > 0);
    const first = uptime();
    await until(() => uptime() > first);
    assert.ok(kinds(fake).includes("eddystone_uid"));
  }));

Deno.test("where no instance is free it takes turns with a fixed frame, and the code stays", () =>
  onAir(2, async (fake, beacon) => {
    const both = (kind: string) => () => `${kinds(fake)}` === `eddystone_eid,${kind}`;
    for (let turn = 0; turn < 3; turn++) {
      await until(both("eddystone_tlm"));
      await until(both("eddystone_uid"));
    }
    await until(both("eddystone_tlm"));
    await beacon.advertise({ code: code(2), nonce: "2", until_ms: far_ms });
    await until(() =>
      frames(fake).some((one) => one.kind === "eddystone_eid" && one.code === code(2))
    );
  }));

Deno.test("a new code is on the air before the old one goes, also while telemetry is", () =>
  onAir(3, async (fake, beacon) => {
    await until(() => kinds(fake).includes("eddystone_tlm"));
    const before = fake.calls.length;
    await beacon.advertise({ code: code(3), nonce: "3", until_ms: far_ms });
    const verbs = fake.calls.slice(before).flatMap((call) =>
      /^(Unregister|Register)(?=Advertisement)/.exec(call)?.[0] ?? []
    );
    // The telemetry makes room, the code takes it, and only then its predecessor goes.
    assert.match(verbs.join(" "), /Register Unregister/);
    assert.doesNotMatch(verbs.join(" "), /Unregister Unregister/);
  }));
