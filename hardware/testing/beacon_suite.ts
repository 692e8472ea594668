/** What every beacon and every phone's radio promise each other, whatever air is between them. */
import assert from "node:assert/strict";
import type { BeaconPort, PhoneRadioPort, Sighting } from "../ports.ts";

/** A beacon under test, and a phone that stands beside it. */
export interface BeaconCase {
  readonly beacon: BeaconPort;
  readonly phone: PhoneRadioPort;
  /** Of the beacon's clock. */
  readonly now_ms: () => number;
  /** Lets so much time pass on it. */
  readonly pass: (duration_ms: number) => Promise<void>;
  /** The longest that the beacon waits between two sendings. */
  readonly interval_ms: number;
  /** Takes what it sends with away, where that can be done here. */
  readonly unplug?: () => void;
  close(): Promise<void>;
}

const far_ms = 9_000_000_000_000;
const code = (number: number) => (0xbea0 + number).toString(16).padStart(16, "0");
const advertisement = (number: number, until_ms = far_ms) => ({
  code: code(number),
  nonce: `nonce-${number}`,
  until_ms,
});

export function beaconSuite(name: string, make: () => Promise<BeaconCase>): void {
  const check = (what: string, act: (made: Made) => Promise<void>) =>
    Deno.test(`${name}: ${what}`, async () => {
      const made = await make();
      const heard: Sighting[] = [];
      const deaf = made.phone.listen((sighting) => heard.push(sighting));
      const until = async (so: () => boolean) => {
        while (!so()) await made.pass(made.interval_ms / 8);
      };
      const hears = (number: number) => until(() => heard.some((one) => one.code === code(number)));
      try {
        await act({ ...made, heard, deaf, until, hears });
      } finally {
        await made.close();
      }
    });

  check("a code is heard by who is near, with the beacon's name", async (made) => {
    const { beacon, heard } = made;
    await beacon.advertise(advertisement(1));
    await made.hears(1);
    for (const { hardware_id, code: told, rssi_dbm, heard_at_ms } of heard) {
      assert.deepEqual([hardware_id, told], [beacon.hardware_id, code(1)]);
      assert.ok(Number.isInteger(rssi_dbm) && rssi_dbm >= -127 && rssi_dbm <= 20, `${rssi_dbm}`);
      assert.ok(Number.isInteger(heard_at_ms));
    }
  });

  check(
    "a new code takes the old one's place, and the old one is not heard again",
    async (made) => {
      const { beacon, heard } = made;
      for (let number = 2; number <= 6; number++) {
        await beacon.advertise(advertisement(number));
        await made.hears(number);
      }
      await made.pass(made.interval_ms);
      heard.length = 0;
      // What is the same as before need not be told again.
      await made.pass(2 * made.interval_ms);
      assert.ok(heard.every((one) => one.code === code(6)), JSON.stringify(heard));
    },
  );

  check("the nonce is told at the beacon, and only of what is on the air", async (made) => {
    const { beacon, heard } = made;
    assert.equal(await beacon.readNonce(), undefined);
    await beacon.advertise(advertisement(7));
    assert.equal(await beacon.readNonce(), "nonce-7");
    await beacon.advertise(advertisement(8));
    assert.equal(await beacon.readNonce(), "nonce-8");
    await made.hears(8);
    assert.doesNotMatch(JSON.stringify(heard), /nonce/);
    await beacon.silence();
    assert.equal(await beacon.readNonce(), undefined);
  });

  check("silenced, it is not heard, and may speak again", async (made) => {
    const { beacon, heard } = made;
    await beacon.advertise(advertisement(9));
    await made.hears(9);
    await beacon.silence();
    await made.pass(made.interval_ms);
    heard.length = 0;
    await made.pass(2 * made.interval_ms);
    assert.deepEqual(heard, []);
    await beacon.silence();
    await beacon.advertise(advertisement(10));
    await made.hears(10);
  });

  check("a code whose time is over leaves the air by itself, with its nonce", async (made) => {
    const { beacon, heard } = made;
    await beacon.advertise(advertisement(11));
    await made.hears(11);
    await beacon.advertise(advertisement(11, made.now_ms() + made.interval_ms));
    while (await beacon.readNonce() !== undefined) await made.pass(made.interval_ms / 8);
    await made.pass(made.interval_ms);
    heard.length = 0;
    await made.pass(2 * made.interval_ms);
    assert.deepEqual(heard, []);
  });

  check("who stops listening hears nothing more, and others do", async (made) => {
    const { beacon, phone, heard } = made;
    const other: Sighting[] = [];
    phone.listen((sighting) => other.push(sighting));
    await beacon.advertise(advertisement(12));
    await made.hears(12);
    made.deaf();
    heard.length = 0;
    const before = other.length;
    await beacon.advertise(advertisement(13));
    await made.until(() => other.slice(before).some((one) => one.code === code(13)));
    assert.deepEqual(heard, []);
  });

  check("without what it sends with, that is told, and nothing is on the air", async (made) => {
    if (made.unplug === undefined) return;
    const { beacon } = made;
    await beacon.advertise(advertisement(14));
    await made.hears(14);
    made.unplug();
    await made.pass(made.interval_ms);
    await assert.rejects(
      beacon.advertise(advertisement(15)),
      (error: Error & { kind?: string }) =>
        error.name === "HardwareError" &&
        ["device_lost", "device_missing"].includes(error.kind ?? ""),
    );
  });
}

interface Made extends BeaconCase {
  readonly heard: Sighting[];
  readonly deaf: () => void;
  readonly until: (so: () => boolean) => Promise<void>;
  /** Until a code is heard. */
  readonly hears: (number: number) => Promise<void>;
}
