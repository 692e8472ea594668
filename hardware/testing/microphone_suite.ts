/** What every microphone promises, whoever stands behind the port. */
import assert from "node:assert/strict";
import type { MicrophonePort, SoundFrame } from "../ports.ts";

/** A microphone under test, before which sound never ends. */
export interface MicrophoneCase {
  readonly microphone: MicrophonePort;
  /** One listener at a time. */
  readonly exclusive: boolean;
  /** Of the microphone's clock. */
  readonly now_ms: () => number;
  close(): Promise<void>;
}

export function microphoneSuite(
  name: string,
  make: () => MicrophoneCase | Promise<MicrophoneCase>,
): void {
  const check = (what: string, act: (made: Made) => Promise<void>) =>
    Deno.test(`${name}: ${what}`, async () => {
      const made = await make();
      const stop = new AbortController();
      const listen = (signal = stop.signal) =>
        made.microphone.frames(signal)[Symbol.asyncIterator]();
      try {
        await act({ ...made, listen, stop });
      } finally {
        // One that failed must not hold the card against those after it.
        stop.abort();
        await made.close();
      }
    });

  check("frames are what they say they are, in order and of now", async (made) => {
    const frames = made.listen();
    let before: SoundFrame | undefined;
    for (let count = 0; count < 12; count++) {
      const { value: frame, done } = await frames.next();
      assert.ok(!done);
      const duration_ms = frame.samples.length * 1_000 / frame.rate_hz;
      assert.ok(duration_ms >= 10 && duration_ms <= 100, `${duration_ms} ms`);
      assert.equal(frame.rate_hz, before?.rate_hz ?? frame.rate_hz);
      assert.ok(frame.sequence > (before?.sequence ?? -1), "numbers grow");
      assert.ok(Number.isInteger(frame.captured_at_ms), "whole milliseconds");
      assert.ok(frame.captured_at_ms >= (before?.captured_at_ms ?? 0) - 1);
      assert.ok(frame.captured_at_ms <= made.now_ms() + 1, "no sound comes from the future");
      before = frame;
    }
    await frames.return?.();
  });

  check("a frame is the listener's to give away", async (made) => {
    const frames = made.listen();
    const first = (await frames.next()).value!;
    const { length } = first.samples;
    structuredClone(first.samples, { transfer: [first.samples.buffer] });
    assert.equal(first.samples.length, 0);
    const second = (await frames.next()).value!;
    assert.equal(second.samples.length, length);
    await frames.return?.();
  });

  check("the signal ends a stream that waits, and one that has not begun", async (made) => {
    const frames = made.listen();
    assert.equal((await frames.next()).done, false);
    made.stop.abort();
    // What was heard already may still come.
    while (!(await frames.next()).done);
    assert.equal((await made.listen(AbortSignal.abort()).next()).done, true);
  });

  check("a listener that leaves in the middle can begin anew", async (made) => {
    for (let round = 0; round < 3; round++) {
      const frames = made.listen();
      assert.equal((await frames.next()).done, false);
      await frames.return?.();
    }
  });

  check("a second listener is refused, and the first listens on", async (made) => {
    if (!made.exclusive) return;
    const frames = made.listen();
    assert.equal((await frames.next()).done, false);
    await assert.rejects(made.listen().next(), { name: "HardwareError", kind: "device_busy" });
    assert.equal((await frames.next()).done, false);
    await frames.return?.();
  });
}

interface Made extends MicrophoneCase {
  readonly listen: (signal?: AbortSignal) => AsyncIterator<SoundFrame>;
  readonly stop: AbortController;
}
