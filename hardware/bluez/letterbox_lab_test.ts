/** The letterbox on a real bluetoothd: a phone on the other controller connects and writes. */
import assert from "node:assert/strict";
import { run } from "../testing/compile.ts";
import { lab_hardware_id, openLabAir } from "../testing/lab_air.ts";
import { letterboxSuite } from "../testing/letterbox_suite.ts";
import type { BluezLetters } from "./letters.ts";

const hardware_id = lab_hardware_id;
const nap = (delay_ms: number) => new Promise<void>((resolve) => setTimeout(resolve, delay_ms));

letterboxSuite("BlueZ", openLabAir);

const letter = Uint8Array.from({ length: 700 }, (_, place) => place & 0xff);
const echo = ({ bytes }: { bytes: Uint8Array }) => Promise.resolve(bytes);

/** Handed over as soon as somebody takes it. */
async function handed(phone: BluezLetters): Promise<Uint8Array> {
  for (;;) {
    try {
      return await phone.hand(hardware_id, letter);
    } catch (error) {
      assert.match(String((error as { kind?: string }).kind), /^device_(lost|missing|busy)$/);
      await nap(500);
    }
  }
}

const shell = (script: string) => run("bash", ["-c", script]);

Deno.test("BlueZ: a letterbox is open again after bluetoothd was killed in mid-run", async () => {
  const { letterbox, phones: [phone], close } = await openLabAir();
  await letterbox.open(echo);
  assert.deepEqual(await handed(phone), letter);
  await shell("kill -9 $(cat /run/bluetoothd.pid); sleep 1");
  await shell(
    "(/usr/libexec/bluetooth/bluetoothd --nodetach >>/run/bluetoothd.log 2>&1 </dev/null & " +
      "echo $! >/run/bluetoothd.pid)",
  );
  assert.deepEqual(await handed(phone), letter);
  await close();
});

Deno.test("BlueZ: and after the controllers were taken away and brought back", async () => {
  const { letterbox, phones: [phone], close } = await openLabAir();
  await letterbox.open(echo);
  assert.deepEqual(await handed(phone), letter);
  await shell("kill $(cat /run/btvirt.pid); sleep 1");
  await shell("(btvirt -l2 >>/run/btvirt.log 2>&1 </dev/null & echo $! >/run/btvirt.pid)");
  assert.deepEqual(await handed(phone), letter);
  await close();
});
