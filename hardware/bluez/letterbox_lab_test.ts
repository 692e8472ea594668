/** The letterbox on a real bluetoothd: a phone on the other controller connects and writes. */
import assert from "node:assert/strict";
import { openLibc } from "../ffi/libc.ts";
import { run } from "../testing/compile.ts";
import { letterboxSuite } from "../testing/letterbox_suite.ts";
import { BluezBeacon } from "./beacon.ts";
import { Bluez } from "./bluez.ts";
import { BluezLetterbox } from "./letterbox.ts";
import { BluezLetters } from "./letters.ts";
import { BluezScanner } from "./scanner.ts";

const hardware_id = "riverside-b1";
const far_ms = 9_000_000_000_000;
const nap = (delay_ms: number) => new Promise<void>((resolve) => setTimeout(resolve, delay_ms));

/** A beacon with its letterbox on one controller, a phone that hears and writes on the other. */
async function openAir() {
  const libc = openLibc();
  const [sending, listening] = [new Bluez({ libc }), new Bluez({ libc })];
  const beacon = new BluezBeacon({ hardware_id, bluez: sending, adapter: "hci0", watch_ms: 1_000 });
  const letterbox = new BluezLetterbox({ hardware_id, bluez: sending, adapter: "hci0" });
  const scanner = new BluezScanner({ bluez: listening, adapter: "hci1" });
  const phone = new BluezLetters({ bluez: listening, adapter: "hci1", scanner });
  const heard = Promise.withResolvers<void>();
  scanner.listen(() => heard.resolve());
  await beacon.advertise({ code: "00000000000000aa", nonce: "n", until_ms: far_ms });
  await heard.promise;
  return {
    letterbox,
    phones: [phone] as const,
    async close() {
      await phone.close();
      await scanner.close();
      await letterbox.close();
      await beacon.close();
      for (const one of [sending, listening]) await one.close();
      libc[Symbol.dispose]();
    },
  };
}

letterboxSuite("BlueZ", openAir);

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
  const { letterbox, phones: [phone], close } = await openAir();
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
  const { letterbox, phones: [phone], close } = await openAir();
  await letterbox.open(echo);
  assert.deepEqual(await handed(phone), letter);
  await shell("kill $(cat /run/btvirt.pid); sleep 1");
  await shell("(btvirt -l2 >>/run/btvirt.log 2>&1 </dev/null & echo $! >/run/btvirt.pid)");
  assert.deepEqual(await handed(phone), letter);
  await close();
});
