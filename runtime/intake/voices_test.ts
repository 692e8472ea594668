/** A payment's wish for spoken digits reaches the microphone, and what was heard the payment. */
import assert from "node:assert/strict";
import type { Command } from "../../actors/messages.ts";
import type { MicrophonePort } from "../../hardware/ports.ts";
import type { Engine, EventLike } from "../engine/engine.ts";
import { RuntimeError } from "../errors.ts";
import type { Heard, Listening } from "../world.ts";
import { createVoiceDesk } from "./voices.ts";

const microphone: MicrophonePort = {
  id: "m-1",
  origin: "recorded",
  async *frames() {},
};

/** The desk, what it told payments, what was written down, and every listening it began. */
function desk(microphones = new Map([[microphone.id, microphone]])) {
  const told: [string, EventLike][] = [];
  const logged: string[] = [];
  const effects = new Map<string, (command: never) => void>();
  const engine: Pick<Engine, "effect" | "post"> = {
    effect: (type, run) => void effects.set(type, run as never),
    post: (to, event) =>
      Promise.resolve(told.push([to, event])).then(() => ({ accepted: true }) as never),
  };
  const listening: (Listening & { answer(heard: Heard | Promise<Heard>): void })[] = [];
  const asked: (readonly string[])[] = [];
  const made = createVoiceDesk({
    engine,
    devices: { microphones },
    perception: {
      hear: (one) => {
        const { promise, resolve } = Promise.withResolvers<Heard>();
        listening.push({ ...one, answer: resolve });
        return promise;
      },
    },
    random: { bytes: (length) => new Uint8Array(length).fill(9) },
    log: (_, message, fields) => void logged.push(`${message} ${JSON.stringify(fields)}`),
    askVoices: (visits) => Promise.resolve(asked.push(visits)).then(() => []),
  });
  made.wire();
  const wish = (command: Command) => effects.get(command.type)?.(command as never);
  return { made, told, logged, wish, listening, asked };
}

const ask = (attempt: number) => ({
  type: "voice.ask" as const,
  payment: "p",
  lane: "1",
  microphone: "m-1",
  attempt,
  visits: ["ada", "bob"],
});
const settled = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("a lane shows digits while it listens; the payment hears whose it was", async () => {
  const { made, told, wish, listening, asked } = desk();
  const changes: string[] = [];
  made.watch((lane) => changes.push(lane));
  wish(ask(1));
  assert.deepEqual(asked, [["ada", "bob"]]);
  assert.equal(listening[0]?.chance.length, 64);
  assert.equal(made.digits("1"), undefined, "nothing is shown before it is drawn");
  listening[0]!.prompt([3, 1, 8, 5]);
  assert.deepEqual(made.digits("1"), [3, 1, 8, 5]);
  assert.equal(made.digits("2"), undefined);
  listening[0]!.answer({ outcome: "chosen", visit: "bob" });
  await settled();
  const heard = { type: "voice.heard", attempt: 1, outcome: "right", visit: "bob" };
  assert.deepEqual(told, [["payment/p", heard]]);
  assert.equal(made.digits("1"), undefined);
  assert.deepEqual(changes, ["1", "1"]);
});

Deno.test("wrong words count, and what tells nobody apart does not", async () => {
  const outcomes: string[] = [];
  for (const reason of ["wrong_words", "strange_voice", "no_margin", "word_count", "no_choice"]) {
    const { told, wish, listening } = desk();
    wish(ask(1));
    listening[0]!.answer({ outcome: "unknown", reason });
    await settled();
    outcomes.push(String(told[0]?.[1]["outcome"]));
  }
  assert.deepEqual(outcomes, ["wrong", "wrong", "unheard", "unheard", "unheard"]);
});

Deno.test("hushed, nothing is shown or told; a new prompt ends the one before", async () => {
  const { made, told, wish, listening } = desk();
  wish(ask(1));
  listening[0]!.prompt([1, 2, 3, 4]);
  wish(ask(2));
  assert.ok(listening[0]!.signal.aborted);
  listening[0]!.answer({ outcome: "unknown", reason: "hushed" });
  listening[1]!.prompt([5, 6, 7, 8]);
  await settled();
  assert.deepEqual(made.digits("1"), [5, 6, 7, 8], "the old one's end takes nothing away");
  wish({ type: "voice.hush", payment: "p", lane: "1" });
  assert.ok(listening[1]!.signal.aborted);
  assert.equal(made.digits("1"), undefined);
  assert.deepEqual(told, []);
});

Deno.test("a microphone that is not there or fails is written down; nobody is wrong", async () => {
  const absent = desk(new Map());
  absent.wish(ask(1));
  await settled();
  const unheard = { type: "voice.heard", attempt: 1, outcome: "unheard" };
  assert.deepEqual(absent.told, [["payment/p", unheard]]);
  assert.match(absent.logged.join(), /microphone m-1 is not there/);
  const failing = desk();
  failing.wish(ask(1));
  failing.listening[0]!.answer(Promise.reject(new RuntimeError("stopped", "the ear died")));
  await settled();
  assert.deepEqual(failing.told, [["payment/p", unheard]]);
  assert.match(failing.logged.join(), /the ear died/);
});

Deno.test("a gateway that stops listens no longer", () => {
  const { made, wish, listening } = desk();
  wish(ask(1));
  made.stop();
  assert.ok(listening[0]!.signal.aborted);
});
