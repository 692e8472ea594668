/** A letterbox on one adapter and phones on two others, of an org.bluez of the tests' own. */
import { Variant } from "../dbus/wire.ts";
import { openLibc } from "../ffi/libc.ts";
import { Bluez } from "../bluez/bluez.ts";
import { BluezLetterbox } from "../bluez/letterbox.ts";
import { BluezLetters } from "../bluez/letters.ts";
import { FakeBluez, startBus } from "./fake_bluez.ts";

export const letter_air = { hardware_id: "riverside-b1", beacon: "AA:BB:CC:00:00:00" } as const;

export async function openLetterAir() {
  const { hardware_id, beacon } = letter_air;
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
