/** What reading a nonce at a beacon promises, whatever radios are between the two. */
import assert from "node:assert/strict";
import type { LetterboxCase } from "../../../hardware/testing/letterbox_suite.ts";
import type { BeaconPort, PhoneLettersPort } from "../../../hardware/ports.ts";
import { limits } from "../../limits.ts";
import { nodeVault } from "../../vault/node.ts";
import { utf8 } from "../../vault/bytes.ts";
import type { Clock, Random } from "../../world.ts";
import type { NonceReader } from "../contract/nonce_letters.ts";
import { writeNonceAnswer, writeNonceQuestion } from "../contract/nonce_letters.ts";
import { createClerk } from "../letters.ts";
import { createNonceClerk, createNonceSource } from "../nonces.ts";

const vault = nodeVault;
const nonce = "bm9uY2Ugb2YgYSBwZXJpb2Q";

const keysOf = (gateway: string, seed: number): NonceReader => ({
  gateway,
  signing: vault.signingKey(new Uint8Array(32).fill(seed)),
  sealing: vault.sealingKey(new Uint8Array(32).fill(seed + 1)),
});
const own = keysOf("g-1", 1);
const stranger = keysOf("g-1", 3);

/** A clock that is set by hand and a beacon that falls silent when told. */
class Beside {
  now_ms = 1_790_000_000_000;
  silent = false;
  #drawn = 0;
  readonly clock: Clock = { now_ms: () => this.now_ms, after: () => () => {} };
  readonly random: Random = {
    bytes: (length) => new Uint8Array(length).map((_, at) => this.#drawn++ + at & 0xff),
  };

  constructor(readonly made: LetterboxCase) {}

  get hardware_id(): string {
    return this.made.letterbox.hardware_id;
  }

  async open(): Promise<void> {
    const { hardware_id, clock } = this;
    const beacon: BeaconPort = {
      hardware_id,
      advertise: () => Promise.resolve(),
      readNonce: () => Promise.resolve(this.silent ? undefined : nonce),
      silence: () => Promise.resolve(),
    };
    const beacons = new Map([[hardware_id, beacon]]);
    const nonces = createNonceClerk({ vault, clock, keys: own, beacons });
    const link = { origin: "http://issuer", fetch: () => Promise.reject(new Error("away")) };
    await this.made.letterbox.open(createClerk({ link, clock, beacons: [hardware_id], nonces }));
  }

  /** Reads as the gateway with these keys. */
  read(keys: NonceReader, hardware_id = this.hardware_id): Promise<string> {
    const { clock, random } = this;
    const way: PhoneLettersPort = {
      hand: (...asked) => this.during(this.made.phones[0].hand(...asked)),
    };
    const ways = new Map([[hardware_id, way]]);
    return createNonceSource({ vault, clock, keys, random, ways }).read(hardware_id);
  }

  during<T>(promise: Promise<T>): Promise<T> {
    return (this.made.during ?? ((same) => same))(promise);
  }

  /** Hands over a question as it is. */
  hand(letter: Uint8Array): Promise<Uint8Array> {
    return this.during(this.made.phones[0].hand(this.hardware_id, letter));
  }

  question(keys: NonceReader, asked_at_ms = this.now_ms): Uint8Array<ArrayBuffer> {
    const { hardware_id } = this;
    const challenge = "A".repeat(22);
    return writeNonceQuestion(vault, keys, {
      gateway: keys.gateway,
      hardware_id,
      challenge,
      asked_at_ms,
    });
  }
}

/** The letterbox tells nobody why: not the stranger, and not who listens. */
const lost = { name: "HardwareError", kind: "device_lost" };

export function nonceSuite(name: string, make: () => Promise<LetterboxCase>): void {
  const check = (what: string, act: (beside: Beside) => Promise<void>) =>
    Deno.test(`${name}: ${what}`, async () => {
      const made = await make();
      try {
        const beside = new Beside(made);
        await beside.open();
        await act(beside);
      } finally {
        await made.close();
      }
    });

  check("the beacon's gateway reads its nonce, and none while it is silent", async (beside) => {
    assert.equal(await beside.read(own), nonce);
    beside.silent = true;
    await assert.rejects(beside.read(own), lost);
    beside.silent = false;
    assert.equal(await beside.read(own), nonce);
  });

  check("nobody else reads it: another key, an old question, one asked before", async (beside) => {
    await assert.rejects(beside.read(stranger), lost);
    const old_ms = beside.now_ms - limits.nonce_question_ms - 1;
    await assert.rejects(beside.hand(beside.question(own, old_ms)), lost);
    const recorded = beside.question(own);
    const answer = new TextDecoder().decode(await beside.hand(recorded));
    assert.ok(!answer.includes(nonce), "who listens hears no nonce");
    await assert.rejects(beside.hand(recorded), lost);
  });

  check("questions of a minute are counted, and taken again after it", async (beside) => {
    for (let time = 0; time < limits.nonces_a_minute; time++) await beside.read(own);
    await assert.rejects(beside.read(own), lost);
    beside.now_ms += 60_001;
    assert.equal(await beside.read(own), nonce);
  });

  check("an answer of somebody else is no nonce", async (beside) => {
    const { letterbox } = beside.made;
    const answers = [
      utf8("no"),
      utf8("{}"),
      writeNonceAnswer(vault, { ...stranger, sealing: own.sealing }, {
        gateway: own.gateway,
        hardware_id: beside.hardware_id,
        challenge: "A".repeat(22),
        asked_at_ms: beside.now_ms,
      }, nonce),
    ];
    for (const answer of answers) {
      await letterbox.open(() => Promise.resolve(answer));
      await assert.rejects(beside.read(own), {
        kind: "unauthorised",
        message: /no nonce of its own/,
      });
    }
  });

  check("out of reach there is no nonce", async (beside) => {
    await assert.rejects(beside.read(own, "elsewhere-b9"), { kind: "device_missing" });
  });
}
