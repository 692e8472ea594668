/** The letterbox on the simulated air, and its desk against phones that mean no good. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { hardwareLimits } from "../limits.ts";
import { chanceOf } from "../simulated/chance.ts";
import { layOut, type Spot } from "../simulated/plan.ts";
import { Radio, shopAir } from "../simulated/radio.ts";
import { handClock } from "../simulated/testing.ts";
import { letterboxSuite } from "../testing/letterbox_suite.ts";
import { LetterDesk, LetterRefusal } from "./desk.ts";
import { failed, fragmentOf, readFragment } from "./fragments.ts";

const hardware_id = "b-1";
const beacons = layOut({
  lanes: [{ id: "1", zone: "tills", camera: "till-1" }],
  beacons: [{ hardware_id, zone: "tills" }],
}).beacons;

function openAir(where: (shopper: string) => Spot | undefined, loss = 0) {
  const clock = handClock(1_790_000_000_000);
  const air = { ...shopAir, loss };
  const radio = new Radio({ beacons, air, chance: chanceOf("letters"), clock, where });
  const letterbox = radio.letterboxes.get(hardware_id)!;
  /** Lets time pass until it is settled. */
  async function during<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const over = () => void (settled = true);
    promise.then(over, over);
    while (!settled) {
      await clock.pass(25);
      // Whoever answers may take real time.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return await promise;
  }
  return { clock, radio, letterbox, during };
}

letterboxSuite("simulated", () => {
  const { radio, letterbox, during } = openAir(() => beacons[0]!.at);
  const phones = [radio.letters("ana"), radio.letters("ben")] as const;
  const close = () => Promise.resolve(radio.close());
  return Promise.resolve({ letterbox, phones, during, close });
});

Deno.test("out of reach there is no letterbox, and none where the power is off", async () => {
  let at: Spot | undefined = { x_m: 500, y_m: 500 };
  const { radio, letterbox, during } = openAir(() => at);
  await letterbox.open(({ bytes }) => Promise.resolve(bytes));
  const phone = radio.letters("ana");
  const letter = new Uint8Array([1]);
  const missing = { kind: "device_missing" };
  await assert.rejects(during(phone.hand(hardware_id, letter)), missing);
  at = undefined;
  await assert.rejects(during(phone.hand(hardware_id, letter)), missing);
  at = beacons[0]!.at;
  assert.deepEqual(await during(phone.hand(hardware_id, letter)), letter);
  radio.close();
  await assert.rejects(during(phone.hand(hardware_id, letter)), missing);
});

Deno.test("connections that break lose letters, never change them", async () => {
  const { radio, letterbox, during } = openAir(() => beacons[0]!.at, 0.6);
  await letterbox.open(({ bytes }) => Promise.resolve(bytes));
  const phone = radio.letters("ana");
  const letter = Uint8Array.from({ length: 1_500 }, (_, place) => place & 0xff);
  let arrived = 0;
  for (let attempt = 0; attempt < hardwareLimits.letters_of_phone; attempt++) {
    try {
      assert.deepEqual(await during(phone.hand(hardware_id, letter)), letter);
      arrived++;
    } catch (error) {
      assert.equal((error as { kind?: string }).kind, "device_lost");
    }
  }
  assert.ok(arrived > 0 && arrived < hardwareLimits.letters_of_phone, `${arrived} arrived`);
});

const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

Deno.test("what anybody may write: no crash, no letter that was not written whole", async () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    fc.record({ exchange: fc.nat(3), part: fc.nat(9), length: fc.nat(5_000), cut: fc.nat(512) })
      .map(({ exchange, part, length, cut }) => {
        const whole = fragmentOf(exchange, part * 505, new Uint8Array(length).fill(exchange));
        return whole.subarray(0, Math.max(1, whole.length - (cut % 3 === 0 ? cut : 0)));
      }),
  );
  const act = fc.record({
    from: fc.constantFrom("a", "b", "c"),
    value: piece,
    offset: fc.oneof(fc.constant(0), fc.nat(600)),
    reads: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 60 }), async (acts) => {
      const letters: Uint8Array[] = [];
      const clerk = ({ bytes }: { bytes: Uint8Array }) => {
        letters.push(bytes);
        return Promise.resolve(bytes);
      };
      const desk = new LetterDesk({ now_ms: () => 0, clerk });
      for (const { from, value, offset, reads } of acts) {
        try {
          desk.write(from, value, offset);
          if (reads) {
            await settle();
            assert.ok(desk.read(from, 0).length <= hardwareLimits.gatt_value_bytes);
            desk.read(from, offset);
          }
        } catch (error) {
          assert.ok(error instanceof LetterRefusal, String(error));
        }
      }
      for (const letter of letters) {
        assert.ok(letter.length > 0 && letter.length <= hardwareLimits.letter_bytes);
      }
    }),
    { numRuns: 200 },
  );
});

Deno.test("one phone cannot read the answer of another, nor its own once it has gone", async () => {
  const desk = new LetterDesk({ now_ms: () => 0, clerk: ({ bytes }) => Promise.resolve(bytes) });
  desk.write("ana", fragmentOf(7, 0, new Uint8Array([1, 2, 3])), 0);
  await settle();
  assert.equal(readFragment(desk.read("eve", 0))?.total, failed);
  const own = readFragment(desk.read("ana", 0));
  assert.deepEqual([own?.exchange, [...own?.bytes ?? []]], [7, [1, 2, 3]]);
  desk.gone("ana");
  assert.equal(readFragment(desk.read("ana", 0))?.total, failed);
});

Deno.test("letters beyond those that are attended to at once are lost, not kept", async () => {
  const waiting: (() => void)[] = [];
  const clerk = ({ bytes }: { bytes: Uint8Array }) =>
    new Promise<Uint8Array>((resolve) => waiting.push(() => resolve(bytes)));
  const desk = new LetterDesk({ now_ms: () => 0, clerk });
  const phones = Array.from({ length: hardwareLimits.letters_at_once + 1 }, (_, at) => `p-${at}`);
  for (const phone of phones) desk.write(phone, fragmentOf(1, 0, new Uint8Array([1])), 0);
  assert.equal(waiting.length, hardwareLimits.letters_at_once);
  assert.equal(readFragment(desk.read(phones.at(-1)!, 0))?.total, failed);
  const again = fragmentOf(2, 0, new Uint8Array([2]));
  assert.throws(() => desk.write(phones[0]!, again, 0), { kind: "busy" });
  for (const answer of waiting) answer();
  await settle();
  assert.deepEqual([...readFragment(desk.read(phones[0]!, 0))?.bytes ?? []], [1]);
});

Deno.test("no crowd of phones takes the letterbox's memory, or its minute from the rest", () => {
  let now_ms = 0;
  const desk = new LetterDesk({ now_ms: () => now_ms, clerk: () => Promise.reject(new Error()) });
  const half = fragmentOf(1, 0, new Uint8Array(2_000));
  let taken = 0;
  const crowd = (phones: number) => {
    for (let phone = 0; phone < phones; phone++) {
      try {
        desk.write(`p-${phone}`, half, 0);
        taken++;
      } catch (error) {
        assert.equal((error as LetterRefusal).kind, "busy");
      }
    }
  };
  crowd(10_000);
  assert.equal(taken, hardwareLimits.letters_of_all);
  now_ms += 60_000;
  crowd(1);
  assert.equal(taken, hardwareLimits.letters_of_all + 1);
});
