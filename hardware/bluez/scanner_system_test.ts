/** The scanner on a bus of its own, against an org.bluez that can be told to misbehave. */
import assert from "node:assert/strict";
import { type Value, Variant } from "../dbus/wire.ts";
import type { Sighting } from "../ports.ts";
import { code, eid, openAir, until } from "../testing/bus_air.ts";
import { odd } from "../testing/odd_values.ts";

Deno.test("a phone hears code, name and strength, of devices known before too", async () => {
  await using air = await openAir();
  const name: [string, Value] = ["Name", new Variant("s", "b-7")];
  air.fake.hear("AA:00:00:00:00:01", eid(code(1), [name]));
  const heard: Sighting[] = [];
  const stop = air.scanner().listen((sighting) => heard.push(sighting));
  await until(() => air.fake.discovering);
  air.fake.hear("AA:00:00:00:00:01", eid(code(2)));
  air.fake.hear("AA:00:00:00:00:02", eid(code(3), [["Name", new Variant("s", "b-8")]]));
  air.fake.hear("AA:00:00:00:00:03", eid(code(4)));
  await until(() => heard.length >= 2);
  assert.deepEqual(
    heard.map(({ hardware_id, code, rssi_dbm }) => ({ hardware_id, code, rssi_dbm })),
    [
      { hardware_id: "b-7", code: code(2), rssi_dbm: -60 },
      { hardware_id: "b-8", code: code(3), rssi_dbm: -60 },
    ],
  );
  stop();
});

/** Every odd value of a property, alone and in what would be an advert without it, each of a device
 * of its own; then an advert that is well. What was heard until then. */
async function heardAmong(
  names: readonly string[],
  more: readonly [string, Value][],
): Promise<Sighting[]> {
  await using air = await openAir();
  const heard: Sighting[] = [];
  air.scanner().listen((sighting) => heard.push(sighting));
  await until(() => air.fake.discovering);
  let number = 0;
  const hear = (properties: ReadonlyMap<Value, Value>) => {
    const last = (++number).toString(16).padStart(4, "0").toUpperCase();
    air.fake.hear(`AA:00:00:00:${last.slice(0, 2)}:${last.slice(2)}`, properties);
  };
  for (const name of names) {
    for (const value of odd) {
      hear(new Map([[name, value]]));
      hear(eid(code(1), [...more, [name, value]]));
    }
  }
  hear(eid(code(2), [["Name", new Variant("s", "b-1")]]));
  await until(() => heard.some((sighting) => sighting.code === code(2)));
  return heard;
}

Deno.test("adverts of every malformed kind are passed over, and the next is heard", async () => {
  const heard = await heardAmong(["ServiceData", "Name"], []);
  assert.deepEqual(heard.map((sighting) => sighting.code), [code(2)]);
});

Deno.test("what is odd beside a code does no harm to the code", async () => {
  const beside = ["ManufacturerData", "RSSI", "UUIDs", "Connected"];
  const heard = await heardAmong(beside, [["Name", new Variant("s", "b-7")]]);
  assert.equal(heard.length, beside.length * odd.length + 1);
  for (const { rssi_dbm } of heard) assert.ok([-60, -127].includes(rssi_dbm), `${rssi_dbm}`);
});

Deno.test("an adapter that falls silent is started anew, then switched off and on", async () => {
  await using air = await openAir();
  air.scanner({ silence_ms: 20 }).listen(() => {});
  await until(() => air.fake.calls.some((call) => call.startsWith("StopDiscovery")));
  await until(() => air.fake.calls.filter((call) => call.startsWith("Set /")).length >= 3);
});

Deno.test("an adapter that says it is busy and does not listen is asked again", async () => {
  await using air = await openAir();
  air.fake.failing.set("StartDiscovery", "InProgress");
  const troubles: string[] = [];
  air.scanner({ trouble: (error) => troubles.push(error.kind) }).listen(() => {});
  await until(() => troubles.length > 0);
  assert.equal(troubles[0], "device_busy");
  air.fake.failing.clear();
  await until(() => air.fake.discovering);
});

Deno.test("a scanner goes on after bluetoothd was restarted", async () => {
  await using air = await openAir();
  const heard: string[] = [];
  air.scanner().listen((sighting) => heard.push(sighting.code));
  await until(() => air.fake.discovering);
  await air.restart();
  await until(() => air.fake.discovering);
  air.fake.hear("AA:00:00:00:00:01", eid(code(5), [["Name", new Variant("s", "b-1")]]));
  await until(() => heard.includes(code(5)));
});

Deno.test("a radio that is told to pause or to close while it starts does not listen", async () => {
  await using air = await openAir();
  const paused = air.scanner();
  paused.listen(() => {});
  const resume = await paused.pause();
  const closed = air.scanner();
  closed.listen(() => {});
  await closed.close();
  // Whatever both have under way has its answer before this one has.
  await air.bluez.power("/org/bluez/hci0", true);
  await until(() => air.fake.calls.some((call) => call.startsWith("SetDiscoveryFilter")));
  await air.bluez.power("/org/bluez/hci0", true);
  await air.bluez.power("/org/bluez/hci0", true);
  assert.equal(air.fake.discovering, false);
  resume();
  await until(() => air.fake.discovering);
});
