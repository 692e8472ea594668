/** Beacon and scanner on a real bluetoothd, over two controllers that hear each other. */
import assert from "node:assert/strict";
import { openLibc } from "../ffi/libc.ts";
import type { Sighting } from "../ports.ts";
import { run } from "../testing/compile.ts";
import { advertOf, type BeaconFrame } from "./adverts.ts";
import { BluezBeacon } from "./beacon.ts";
import { Bluez } from "./bluez.ts";
import { isFull, type OnAir, register, unregister } from "./on_air.ts";
import { BluezScanner } from "./scanner.ts";

const far_ms = 9_000_000_000_000;
const code = (number: number) => (number + 0x1000).toString(16).padStart(16, "0");

const uid = (number: number): BeaconFrame => ({
  kind: "eddystone_uid",
  power_dbm: -20,
  namespace: "00112233445566778899",
  instance: number.toString(16).padStart(12, "0"),
});

async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 20));
}

interface Air extends AsyncDisposable {
  readonly beacon: BluezBeacon;
  readonly heard: Sighting[];
  readonly frames: BeaconFrame[];
}

/** A beacon on one controller, and a phone's radio on the other, each on a bus connection of its
 * own as two machines would be. */
function openAir(fixed_frames: readonly BeaconFrame[] = [], telemetry = false): Air {
  const libc = openLibc();
  const sending = new Bluez({ libc });
  const listening = new Bluez({ libc });
  const heard: Sighting[] = [];
  const frames: BeaconFrame[] = [];
  const beacon = new BluezBeacon({
    hardware_id: "riverside-b1",
    bluez: sending,
    adapter: "hci0",
    fixed_frames,
    telemetry,
    watch_ms: 1_000,
  });
  const scanner = new BluezScanner({
    bluez: listening,
    adapter: "hci1",
    // A controller whose bluetoothd was killed may listen to nothing until it is started anew.
    silence_ms: 10_000,
    heard: (_, frame) => frames.push(frame),
  });
  scanner.listen((sighting) => heard.push(sighting));
  return {
    beacon,
    heard,
    frames,
    async [Symbol.asyncDispose]() {
      await scanner.close();
      await beacon.close();
      await sending.close();
      await listening.close();
      libc[Symbol.dispose]();
    },
  };
}

const shell = (script: string) => run("bash", ["-c", script]);

Deno.test("a code on the air of one controller is heard by the other, byte for byte", async () => {
  await using air = openAir();
  await air.beacon.advertise({ code: code(0), nonce: "n", until_ms: far_ms });
  await until(() => air.heard.some((sighting) => sighting.code === code(0)));
  assert.equal(air.heard[0]?.hardware_id, "riverside-b1");
  // And by a program that is not ours.
  const device = (await shell(
    "busctl --system tree --list org.bluez | grep -m1 /org/bluez/hci1/dev_",
  )).trim();
  const told = await shell(
    `busctl --system get-property org.bluez ${device} org.bluez.Device1 ServiceData`,
  );
  const frame: BeaconFrame = { kind: "eddystone_eid", power_dbm: -20, code: code(0) };
  const [bytes] = advertOf(frame).service_data.values();
  assert.ok(told.includes(`"0000feaa-0000-1000-8000-00805f9b34fb" ay 10 ${[...bytes!].join(" ")}`));
  const address = device.split("dev_").at(-1)!.replaceAll("_", ":");
  const info = await shell(
    `printf 'select %s\\ninfo ${address}\\n' "$(busctl --system ` +
      "get-property org.bluez /org/bluez/hci1 org.bluez.Adapter1 Address | cut -d'\"' -f2)\" " +
      "| bluetoothctl",
  );
  const spaced = [...bytes!].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  assert.ok(info.includes(spaced), info);
});

Deno.test("twenty rotations are all heard, each after the one before", async () => {
  await using air = openAir();
  for (let number = 1; number <= 20; number++) {
    await air.beacon.advertise({ code: code(number), nonce: "n", until_ms: far_ms });
    await until(() => air.heard.some((sighting) => sighting.code === code(number)));
  }
  const order = air.heard.map((sighting) => sighting.code)
    .filter((code, at, all) => all.indexOf(code) === at);
  const numbers = Array.from({ length: 20 }, (_, number) => code(number + 1));
  assert.deepEqual(order.filter((code) => numbers.includes(code)), numbers);
});

const manufacturers: BeaconFrame[] = [
  {
    kind: "ibeacon",
    power_dbm: -59,
    uuid: "e2c56db5dffb48d2b060d0f5a71096e0",
    major: 1,
    minor: 2,
  },
  {
    kind: "altbeacon",
    power_dbm: -59,
    company: 0x0118,
    id: "00112233445566778899aabbccddeeff00112233",
  },
];

// Five advertisements at once are more than the controller has room for.
for (const [others, fixed] of [["Eddystone's", [uid(1)]], ["makers'", manufacturers]] as const) {
  const telemetry = fixed.length === 1;
  Deno.test(`frames of the other kinds, ${others}, are heard beside the code`, async () => {
    await using air = openAir(fixed, telemetry);
    await air.beacon.advertise({ code: code(30), nonce: "n", until_ms: far_ms });
    await until(() => air.heard.some((sighting) => sighting.code === code(30)));
    for (const frame of fixed) {
      const text = JSON.stringify(frame);
      await until(() => air.frames.some((heard) => JSON.stringify(heard) === text));
    }
    const told = () => air.frames.some((frame) => frame.kind === "eddystone_tlm");
    if (telemetry) await until(told);
  });
}

Deno.test("with every instance in use a code is refused; with one of them it rotates", async () => {
  const libc = openLibc();
  const bluez = new Bluez({ libc });
  const adapter = await bluez.adapter("hci0");
  const held: OnAir[] = [];
  const take = async () => {
    const number = held.length;
    const frame = uid(number);
    held.push(await register(adapter, { path: `/other/a${number}`, frame, released() {} }));
  };
  /** Another program takes them all. */
  const takeAll = async (): Promise<unknown> => {
    for (;;) {
      try {
        await take();
      } catch (error) {
        return error;
      }
    }
  };
  {
    await using air = openAir();
    const error = await takeAll();
    assert.ok(isFull(error), String(error));
    const first = { code: code(60), nonce: "n", until_ms: far_ms };
    await assert.rejects(air.beacon.advertise(first), { kind: "device_busy" });
    await unregister(held.pop()!);
    await air.beacon.advertise(first);
    await assert.rejects(take(), { kind: "device_busy" });
    for (const number of [60, 61, 62]) {
      await air.beacon.advertise({ ...first, code: code(number) });
      await until(() => air.heard.some((sighting) => sighting.code === code(number)));
    }
  }
  for (const one of held) await unregister(one);
  await bluez.close();
  libc[Symbol.dispose]();
});

Deno.test("bluetoothd is killed and started again, and code and radio come back", async () => {
  await using air = openAir();
  await air.beacon.advertise({ code: code(40), nonce: "n", until_ms: far_ms });
  await until(() => air.heard.length > 0);
  await shell("kill -9 $(cat /run/bluetoothd.pid); sleep 1");
  air.heard.length = 0;
  await shell(
    "(/usr/libexec/bluetooth/bluetoothd --nodetach >>/run/bluetoothd.log 2>&1 </dev/null & " +
      "echo $! >/run/bluetoothd.pid)",
  );
  await until(() => air.heard.some((sighting) => sighting.code === code(40)));
});

Deno.test("controllers are taken away and brought back, and the code is heard again", async () => {
  await using air = openAir();
  await air.beacon.advertise({ code: code(50), nonce: "n", until_ms: far_ms });
  await until(() => air.heard.length > 0);
  await shell("kill $(cat /run/btvirt.pid); sleep 1");
  air.heard.length = 0;
  await shell("(btvirt -l2 >>/run/btvirt.log 2>&1 </dev/null & echo $! >/run/btvirt.pid)");
  await until(() => air.heard.some((sighting) => sighting.code === code(50)));
});
