/** Beacon, radio and letterbox on a bus whose peers say well-formed nonsense: calls that nobody
 * makes, signals and answers of other types. Nothing ends, and afterwards all of it works. */
import assert from "node:assert/strict";
import { BusError, Connection } from "../dbus/connection.ts";
import { type Value, Variant } from "../dbus/wire.ts";
import { openLibc } from "../ffi/libc.ts";
import type { Sighting } from "../ports.ts";
import { code, eid, far_ms, openAir, until } from "../testing/bus_air.ts";
import { odd } from "../testing/odd_values.ts";
import { Bluez, interfaces } from "./bluez.ts";
import { BluezLetterbox } from "./letterbox.ts";

/** Bodies with their signatures: each value alone, twice, and as an option of a call. */
function bodies(): { signature: string; body: Value[] }[] {
  const letter = new Uint8Array([1, 0, 1, 0, 0, 7]);
  const written = { signature: "aya{sv}", body: [letter, new Map()] };
  const options = ["device", "offset", "prepare-authorize"].flatMap((name) =>
    odd.map((value) => ({
      signature: "aya{sv}",
      body: [letter, new Map([[name, value]])] as Value[],
    }))
  );
  const read = options.map(({ body }) => ({ signature: "a{sv}", body: [body[1]!] }));
  return [
    { signature: "", body: [] },
    written,
    ...odd.map(({ signature, value }) => ({ signature, body: [value] })),
    ...odd.map(({ signature, value }) => ({
      signature: `${signature}${signature}`,
      body: [value, value],
    })),
    ...options,
    ...read,
  ];
}

Deno.test("objects answer calls that nobody makes with errors, and go on answering", async () => {
  await using air = await openAir();
  using libc = openLibc();
  const bluez = new Bluez({ libc, address: air.address });
  const box = new BluezLetterbox({ hardware_id: "b-1", bluez, adapter: "hci0" });
  await box.open(({ bytes }) => Promise.resolve(bytes));
  const root = "/saunter/letterbox1";
  const { connection } = await bluez.adapter("hci0");
  await using peer = await Connection.open({ libc, address: air.address });
  const members: [string, string][] = [
    [interfaces.characteristic, "WriteValue"],
    [interfaces.characteristic, "ReadValue"],
    [interfaces.properties, "GetAll"],
    [interfaces.objects, "GetManagedObjects"],
    [interfaces.advertisement, "Release"],
    ["org.nobody", "Nothing"],
  ];
  const call = { destination: connection.unique_name };
  let refused = 0;
  for (const path of [root, `${root}/s`, `${root}/s/letter`, `${root}/s/answer`, "/nowhere"]) {
    for (const [name, member] of members) {
      for (const said of bodies()) {
        await peer.call({ ...call, path, interface: name, member, ...said }).catch((error) => {
          assert.ok(error instanceof BusError, String(error));
          refused++;
        });
      }
    }
  }
  assert.ok(refused > 0);
  const [told] = await peer.call({
    ...call,
    path: root,
    interface: interfaces.objects,
    member: "GetManagedObjects",
  });
  assert.ok(told instanceof Map && told.size === 3);
  await box.close();
  await bluez.close();
});

Deno.test("signals of other types change nothing, and the next code is heard", async () => {
  await using air = await openAir();
  const beacon = air.beacon();
  await beacon.advertise({ code: code(1), nonce: "1", until_ms: far_ms });
  const heard: Sighting[] = [];
  air.scanner().listen((sighting) => heard.push(sighting));
  await until(() => air.fake.discovering);
  for (const member of ["InterfacesAdded", "InterfacesRemoved", "PropertiesChanged", "Nothing"]) {
    for (const path of ["/", "/org/bluez/hci0/dev_AA_00_00_00_00_01", "/org/bluez"]) {
      for (const said of bodies()) air.fake.tell({ path, interface: "any", member, ...said });
    }
  }
  air.fake.hear("AA:00:00:00:00:02", eid(code(2), [["Name", new Variant("s", "b-2")]]));
  await until(() => heard.length > 0);
  assert.deepEqual(heard.map((sighting) => sighting.code), [code(2)]);
  assert.equal(await beacon.readNonce(), "1");
});

Deno.test("signals of somebody who is not BlueZ are none of its", async () => {
  await using air = await openAir();
  using libc = openLibc();
  const beacon = air.beacon();
  await beacon.advertise({ code: code(1), nonce: "1", until_ms: far_ms });
  const heard: Sighting[] = [];
  air.scanner().listen((sighting) => heard.push(sighting));
  await until(() => air.fake.discovering);
  const { connection, path } = await air.bluez.adapter("hci0");
  await using forger = await Connection.open({ libc, address: air.address });
  const to = { destination: connection.unique_name, path: "/", interface: interfaces.objects };
  const forged = eid(code(9), [["Name", new Variant("s", "b-9")]]);
  const device = new Map<Value, Value>([[interfaces.device, forged]]);
  forger.signal({
    ...to,
    member: "InterfacesAdded",
    signature: "oa{sa{sv}}",
    body: [`${path}/dev_AA_00_00_00_00_09`, device],
  });
  forger.signal({
    ...to,
    member: "InterfacesRemoved",
    signature: "oas",
    body: [path, [interfaces.adapter]],
  });
  for (const name of ["org.freedesktop.DBus", interfaces.objects]) {
    forger.signal({
      ...to,
      interface: name,
      member: "NameOwnerChanged",
      signature: "sss",
      body: ["org.bluez", "", forger.unique_name],
    });
  }
  // What it sent is there before it is answered.
  await forger.call({ ...to, member: "Nothing" }).catch(() => {});
  air.fake.hear("AA:00:00:00:00:02", eid(code(2), [["Name", new Variant("s", "b-2")]]));
  await until(() => heard.length > 0);
  assert.deepEqual(heard.map((sighting) => sighting.code), [code(2)]);
  assert.equal(await beacon.readNonce(), "1");
  assert.equal((await air.bluez.adapter("hci0")).path, path);
});

Deno.test("answers of other types are no adapters, and take nothing off the air", async () => {
  await using air = await openAir();
  using libc = openLibc();
  const beacon = air.beacon({ watch_ms: 5 });
  await beacon.advertise({ code: code(1), nonce: "1", until_ms: far_ms });
  for (const { signature, value } of odd) {
    const answer = { signature, body: [value] };
    air.fake.answering.set("GetManagedObjects", answer);
    air.fake.answering.set("Get", answer);
    const bluez = new Bluez({ libc, address: air.address });
    await assert.rejects(bluez.adapter("hci0"), { name: "HardwareError", kind: "device_missing" });
    await bluez.close();
    const asked = () => air.fake.calls.filter((call) => call.startsWith("Get /")).length;
    const before = asked();
    await until(() => asked() > before);
  }
  air.fake.answering.clear();
  await beacon.advertise({ code: code(2), nonce: "2", until_ms: far_ms });
  await until(() => air.fake.onAir().length === 1);
  assert.equal(await beacon.readNonce(), "2");
});
