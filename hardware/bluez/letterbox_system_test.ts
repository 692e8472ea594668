/** The letterbox through D-Bus: its service on an org.bluez of the tests' own, phones on two more
 * adapters, long values in pieces as small as there are. */
import assert from "node:assert/strict";
import { Variant } from "../dbus/wire.ts";
import { openLibc } from "../ffi/libc.ts";
import { FakeBluez, startBus } from "../testing/fake_bluez.ts";
import { letterboxSuite } from "../testing/letterbox_suite.ts";
import { Bluez } from "./bluez.ts";
import { BluezLetterbox } from "./letterbox.ts";
import { BluezLetters } from "./letters.ts";

const hardware_id = "riverside-b1";
const beacon = "AA:BB:CC:00:00:00";

async function openAir() {
  const libc = openLibc();
  const bus = await startBus();
  const { address } = bus;
  const start = async () => {
    const fake = await FakeBluez.start(libc, address);
    for (const [at, adapter] of ["hci1", "hci2"].entries()) {
      fake.addAdapter(adapter, `AA:BB:CC:00:00:0${at + 1}`);
      fake.hear(beacon, new Map([["Name", new Variant("s", hardware_id)]]), adapter);
    }
    return fake;
  };
  const air = { fake: await start() };
  const bluez = Array.from({ length: 3 }, () => new Bluez({ libc, address }));
  const letterbox = new BluezLetterbox({ hardware_id, bluez: bluez[0]!, adapter: "hci0" });
  const phones = [1, 2].map((at) => new BluezLetters({ bluez: bluez[at]!, adapter: `hci${at}` }));
  return {
    letterbox,
    phones: [phones[0]!, phones[1]!] as const,
    air,
    async restart() {
      await air.fake[Symbol.asyncDispose]();
      air.fake = await start();
    },
    async close() {
      for (const phone of phones) await phone.close();
      await letterbox.close();
      for (const one of bluez) await one.close();
      await air.fake[Symbol.asyncDispose]();
      await bus[Symbol.asyncDispose]();
      libc[Symbol.dispose]();
    },
  };
}

letterboxSuite("BlueZ on a bus of its own", openAir);

const letter = new Uint8Array([1, 2, 3]);
const echo = ({ bytes }: { bytes: Uint8Array }) => Promise.resolve(bytes);

/** Handed over as soon as somebody takes it. */
async function handed(phone: BluezLetters): Promise<Uint8Array> {
  for (;;) {
    try {
      return await phone.hand(hardware_id, letter);
    } catch (error) {
      assert.match(String((error as { kind?: string }).kind), /^device_(lost|missing)$/);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

Deno.test("a letterbox comes back after bluetoothd was restarted", async () => {
  const made = await openAir();
  await made.letterbox.open(echo);
  assert.deepEqual(await handed(made.phones[0]), letter);
  await made.restart();
  assert.deepEqual(await handed(made.phones[0]), letter);
  await made.close();
});

Deno.test("and after its adapter was pulled out and plugged in again", async () => {
  const made = await openAir();
  await made.letterbox.open(echo);
  made.air.fake.removeAdapter("hci0");
  made.air.fake.addAdapter("hci0", beacon);
  assert.deepEqual(await handed(made.phones[0]), letter);
  await made.close();
});

Deno.test("one that is opened while there is no adapter opens when there is one", async () => {
  const made = await openAir();
  made.air.fake.removeAdapter("hci0");
  await assert.rejects(made.letterbox.open(echo), { kind: "device_missing" });
  made.air.fake.addAdapter("hci0", beacon);
  assert.deepEqual(await handed(made.phones[0]), letter);
  await made.close();
});
