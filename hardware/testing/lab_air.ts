/** In the lab's machine: a beacon with its letterbox on one controller of the real bluetoothd, and
 * a phone on the other that hears it and writes to it. */
import { BluezBeacon } from "../bluez/beacon.ts";
import { Bluez } from "../bluez/bluez.ts";
import { BluezLetterbox } from "../bluez/letterbox.ts";
import { BluezLetters } from "../bluez/letters.ts";
import { BluezScanner } from "../bluez/scanner.ts";
import { openLibc } from "../ffi/libc.ts";

export const lab_hardware_id = "riverside-b1";
const far_ms = 9_000_000_000_000;

export async function openLabAir() {
  const hardware_id = lab_hardware_id;
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
