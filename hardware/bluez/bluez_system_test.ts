/** Connection and beacon on a bus of their own, with an org.bluez that can be told to misbehave. */
import assert from "node:assert/strict";
import { Connection } from "../dbus/connection.ts";
import { type Value, Variant } from "../dbus/wire.ts";
import { openLibc } from "../ffi/libc.ts";
import { code, far_ms, feaa, openAir, until } from "../testing/bus_air.ts";
import { echo, type FakeBluez } from "../testing/fake_bluez.ts";
import { Bluez, mapOf } from "./bluez.ts";

/** The codes on the air, as hex digits behind type and power. */
function codes(fake: FakeBluez): string[] {
  return fake.onAir().flatMap((advert) => {
    const data = advert.get("ServiceData");
    const eddystone = mapOf(data instanceof Variant ? data.value : undefined).get(feaa);
    const bytes = eddystone instanceof Variant ? eddystone.value : undefined;
    return bytes instanceof Uint8Array ? [bytes.toHex()] : [];
  });
}

Deno.test("a call crosses the bus and comes back as it was", async () => {
  await using air = await openAir();
  using libc = openLibc();
  await using one = await Connection.open({ libc, address: air.address });
  await using other = await Connection.open({ libc, address: air.address });
  one.objects.set("/echo", echo);
  const signature = "ybnqiuxtdsogaya{sv}(ib)as";
  const body: Value[] = [
    7,
    true,
    -3,
    65_535,
    -70_000,
    4_000_000_000,
    -(2n ** 40n),
    2n ** 63n,
    0.25,
    "Käse",
    "/a/b",
    "a{sv}",
    new Uint8Array([1, 2, 3]),
    new Map<Value, Value>([["k", new Variant("u", 5)]]),
    [-1, false],
    ["x", "", "z"],
  ];
  const call = { destination: one.unique_name, path: "/echo", interface: "test.Echo" };
  assert.deepEqual(await other.call({ ...call, member: "Echo", signature, body }), body);
  await assert.rejects(
    other.call({ ...call, path: "/nowhere", member: "Echo" }),
    { name: "BusError", message: /UnknownMethod/ },
  );
});

Deno.test("a code is on the air with the beacon's name, and its nonce beside it", async () => {
  await using air = await openAir();
  const beacon = air.beacon();
  assert.equal(await beacon.readNonce(), undefined);
  await beacon.advertise({ code: code(1), nonce: "bm9uY2U", until_ms: far_ms });
  await until(() => codes(air.fake).length === 1);
  assert.deepEqual(codes(air.fake), [`30ec${code(1)}`]);
  const [advert] = air.fake.onAir();
  assert.deepEqual(advert?.get("LocalName"), new Variant("s", "b-1"));
  assert.deepEqual(advert?.get("ServiceUUIDs"), new Variant("as", [feaa]));
  assert.equal(await beacon.readNonce(), "bm9uY2U");
  await beacon.silence();
  assert.deepEqual(air.fake.onAir(), []);
  assert.equal(await beacon.readNonce(), undefined);
});

Deno.test("twenty rotations: the new code is there before the old one goes", async () => {
  await using air = await openAir();
  const beacon = air.beacon();
  for (let number = 1; number <= 20; number++) {
    await beacon.advertise({ code: code(number), nonce: `${number}`, until_ms: far_ms });
    assert.equal(air.fake.onAir().length, 1);
  }
  const order = air.fake.calls.map((call) => call.split("Advertisement")[0]).filter((verb) =>
    verb === "Register" || verb === "Unregister"
  );
  const expected = ["Register"];
  for (let number = 2; number <= 20; number++) expected.push("Register", "Unregister");
  assert.deepEqual(order, expected);
  await until(() => codes(air.fake)[0] === `30ec${code(20)}`);
});

Deno.test("where every instance is used the old code makes room, others find it busy", async () => {
  await using air = await openAir(1);
  const beacon = air.beacon();
  await beacon.advertise({ code: code(1), nonce: "1", until_ms: far_ms });
  await beacon.advertise({ code: code(2), nonce: "2", until_ms: far_ms });
  await until(() => codes(air.fake)[0] === `30ec${code(2)}`);
  const other = air.beacon({ hardware_id: "b-2" });
  await assert.rejects(other.advertise({ code: code(3), nonce: "3", until_ms: far_ms }), {
    name: "HardwareError",
    kind: "device_busy",
    message: /another program uses the adapter/,
  });
  assert.deepEqual(codes(air.fake), [`30ec${code(2)}`]);
});

Deno.test("a code whose time is over leaves the air by itself", async () => {
  await using air = await openAir();
  const beacon = air.beacon();
  await beacon.advertise({ code: code(1), nonce: "1", until_ms: Date.now() + 50 });
  await until(() => air.fake.calls.some((call) => call.startsWith("Unregister")));
  assert.equal(await beacon.readNonce(), undefined);
});

Deno.test("a code that BlueZ will not let go is taken off as soon as it does", async () => {
  await using air = await openAir();
  const beacon = air.beacon({ watch_ms: 20 });
  await beacon.advertise({ code: code(1), nonce: "1", until_ms: far_ms });
  air.fake.failing.set("UnregisterAdvertisement", "Failed");
  await beacon.advertise({ code: code(2), nonce: "2", until_ms: far_ms });
  assert.equal(air.fake.onAir().length, 2);
  air.fake.failing.clear();
  await until(() => air.fake.onAir().length === 1);
  await until(() => codes(air.fake)[0] === `30ec${code(2)}`);

  air.fake.failing.set("UnregisterAdvertisement", "Failed");
  await assert.rejects(beacon.silence(), { name: "HardwareError", kind: "device_lost" });
  assert.equal(await beacon.readNonce(), undefined);
  air.fake.failing.clear();
  await until(() => air.fake.onAir().length === 0);
});

Deno.test("bluetoothd is restarted, and the code comes back", async () => {
  await using air = await openAir();
  const beacon = air.beacon();
  await beacon.advertise({ code: code(1), nonce: "1", until_ms: far_ms });
  await air.restart();
  await until(() => codes(air.fake)[0] === `30ec${code(1)}`);
  assert.equal(await beacon.readNonce(), "1");
});

Deno.test("an adapter that is pulled out and plugged in again sends the code again", async () => {
  await using air = await openAir();
  const beacon = air.beacon();
  await beacon.advertise({ code: code(1), nonce: "1", until_ms: far_ms });
  air.fake.removeAdapter("hci0");
  while (await beacon.readNonce() !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await assert.rejects(beacon.advertise({ code: code(2), nonce: "2", until_ms: far_ms }), {
    kind: "device_missing",
    message: /no Bluetooth adapter hci0/,
  });
  air.fake.addAdapter("hci0", "AA:BB:CC:00:00:00");
  const again = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await beacon.advertise({ code: code(3), nonce: "3", until_ms: far_ms }).catch(again);
  };
  await again();
  await until(() => codes(air.fake)[0] === `30ec${code(3)}`);
});

Deno.test("an adapter that forgets an advertisement is noticed and told again", async () => {
  await using air = await openAir();
  const beacon = air.beacon({ watch_ms: 20 });
  await beacon.advertise({ code: code(1), nonce: "1", until_ms: far_ms });
  await until(() => codes(air.fake).length === 1);
  air.fake.removeAdapter("hci0");
  air.fake.addAdapter("hci0", "AA:BB:CC:00:00:00");
  await until(() => codes(air.fake)[0] === `30ec${code(1)}`);
});

Deno.test("a bus that forbids, and one that is not there, are told with the way out", async () => {
  await using air = await openAir();
  air.fake.failing.set("RegisterAdvertisement", "AccessDenied");
  await assert.rejects(air.beacon().advertise({ code: code(1), nonce: "1", until_ms: far_ms }), {
    kind: "device_forbidden",
    message: /saunter-bluez\.conf/,
  });
  using libc = openLibc();
  const nowhere = new Bluez({ libc, address: "unix:path=/nowhere/bus" });
  await assert.rejects(nowhere.adapter("hci0"), { kind: "device_missing", message: /start dbus/ });
  await nowhere.close();
});
