/** What every letterbox and every phone's way to it promise, whatever radio is between them. */
import assert from "node:assert/strict";
import { hardwareLimits } from "../limits.ts";
import type { Letter, LetterboxPort, PhoneLettersPort } from "../ports.ts";

/** A letterbox under test, with a phone in range of it, or two. */
export interface LetterboxCase {
  readonly letterbox: LetterboxPort;
  readonly phones: readonly [PhoneLettersPort, PhoneLettersPort?];
  /** Lets time pass until it is settled, for an invented clock; a real one needs nothing. */
  readonly during?: <T>(promise: Promise<T>) => Promise<T>;
  close(): Promise<void>;
}

const bytes = (length: number, first = 0) =>
  Uint8Array.from({ length }, (_, place) => (first + place * 7) & 0xff);
const reversed = ({ bytes }: Letter) => Promise.resolve(bytes.toReversed());

export function letterboxSuite(name: string, make: () => Promise<LetterboxCase>): void {
  const check = (what: string, act: (made: Made) => Promise<void>) =>
    Deno.test(`${name}: ${what}`, async () => {
      const made = await make();
      const { letterbox, phones, during = (promise) => promise } = made;
      const [one, other] = phones;
      const hand = (phone: PhoneLettersPort, letter: Uint8Array) =>
        during(phone.hand(letterbox.hardware_id, letter));
      try {
        await act({ letterbox, one, other, hand, during });
      } finally {
        await made.close();
      }
    });

  check("letters of every length are answered, each by its own answer", async (made) => {
    const { letterbox, one, hand } = made;
    await letterbox.open(reversed);
    for (const length of [1, 175, 176, 505, 506, 1_010, hardwareLimits.letter_bytes]) {
      const letter = bytes(length, length);
      assert.deepEqual([...await hand(one, letter)], [...letter].reverse());
    }
  });

  check(
    "an answer may be longer than its letter, and comes whole",
    async ({ letterbox, ...in_ }) => {
      const answer = bytes(hardwareLimits.letter_answer_bytes, 9);
      await letterbox.open(() => Promise.resolve(answer));
      assert.deepEqual(await in_.hand(in_.one, bytes(3)), answer);
    },
  );

  check("an answer that takes its time is waited for", async ({ letterbox, one, hand }) => {
    const answered = Promise.withResolvers<void>();
    await letterbox.open(async (letter) => {
      await answered.promise;
      return letter.bytes;
    });
    setTimeout(() => answered.resolve(), 50);
    assert.deepEqual(await hand(one, bytes(20)), bytes(20));
  });

  check("two phones at once get each its own", async ({ letterbox, one, other, hand }) => {
    await letterbox.open(reversed);
    if (other === undefined) return;
    const [first, second] = [bytes(900, 1), bytes(1_300, 2)];
    const answers = await Promise.all([hand(one, first), hand(other, second)]);
    assert.deepEqual(answers, [first.toReversed(), second.toReversed()]);
  });

  check(
    "a letter that nobody could answer is told as lost, and the next is taken",
    async (made) => {
      const { letterbox, one, hand } = made;
      let broken = true;
      await letterbox.open((letter) => {
        if (broken) return Promise.reject(new Error("a secret of the gateway"));
        return reversed(letter);
      });
      await assert.rejects(hand(one, bytes(8)), (error: Error & { kind?: string }) => {
        assert.equal(error.kind, "device_lost");
        assert.doesNotMatch(error.message, /secret/);
        return true;
      });
      broken = false;
      assert.deepEqual(await hand(one, bytes(8)), bytes(8).toReversed());
    },
  );

  check("too long a letter, and an empty one, never go out", async ({ letterbox, one, hand }) => {
    let taken = 0;
    await letterbox.open((letter) => {
      taken++;
      return reversed(letter);
    });
    const kind = { kind: "format_unsupported" };
    await assert.rejects(hand(one, bytes(hardwareLimits.letter_bytes + 1)), kind);
    await assert.rejects(hand(one, bytes(0)), kind);
    assert.equal(taken, 0);
  });

  check("a phone that writes without end is told to wait", async ({ letterbox, one, hand }) => {
    await letterbox.open(reversed);
    const wait = { kind: "device_busy" };
    await assert.rejects(async () => {
      // A minute may begin in between.
      for (let letter = 0; letter <= 2 * hardwareLimits.letters_of_phone; letter++) {
        await hand(one, bytes(2, letter));
      }
    }, wait);
  });

  check("a beacon that is not there is missing", async ({ one, during }) => {
    await assert.rejects(during(one.hand("elsewhere-b9", bytes(4))), { kind: "device_missing" });
  });
}

interface Made {
  readonly letterbox: LetterboxPort;
  readonly one: PhoneLettersPort;
  readonly other: PhoneLettersPort | undefined;
  readonly hand: (
    phone: PhoneLettersPort,
    letter: Uint8Array,
  ) => Promise<Uint8Array<ArrayBuffer>>;
  readonly during: <T>(promise: Promise<T>) => Promise<T>;
}
