/** The letterbox through D-Bus: its service on an org.bluez of the tests' own, phones on two more
 * adapters, long values in pieces as small as there are. */
import assert from "node:assert/strict";
import { letter_air, openLetterAir } from "../testing/letter_air.ts";
import { letterboxSuite } from "../testing/letterbox_suite.ts";
import type { BluezLetters } from "./letters.ts";

const { hardware_id, beacon } = letter_air;
const openAir = openLetterAir;

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
