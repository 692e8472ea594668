/** The doctor before a real sound card: snd-aloop's, free and then listened to by somebody else. */
import assert from "node:assert/strict";
import { AlsaMicrophone } from "../../hardware/alsa/microphone.ts";
import { soundCards } from "../../hardware/alsa/cards.ts";
import { soundFindings } from "./wired.ts";

Deno.test("a sound card is free, and busy while all of its inputs are listened to", async () => {
  const [card] = soundCards();
  assert.ok(card, "the machine has one");
  assert.equal(card.state, "free");
  assert.match(card.name, /Loopback/);
  const found = soundFindings().find(({ what }) => what === `sound ${card.pcm}`);
  assert.equal(found?.verdict, "note");
  const inputs = Array.from(
    { length: 8 },
    (_, at) => new AlsaMicrophone({ id: `m-${at}`, pcm: `${card.pcm},0,${at}` }),
  );
  const stop = new AbortController();
  const listening = inputs.map((one) => one.frames(stop.signal)[Symbol.asyncIterator]());
  const first = listening.map((one) => one.next());
  assert.equal(soundCards()[0]?.state, "busy");
  stop.abort();
  await Promise.allSettled(first);
  for (const one of listening) await one.return?.();
});
