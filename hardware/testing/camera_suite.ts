/** What every camera promises, whoever stands behind the port. */
import assert from "node:assert/strict";
import type { CameraPort, Frame } from "../ports.ts";

const bytes_per_pixel = { YUYV: 2, NV12: 1, GREY: 1, RGB24: 3 } as const;

/** A camera under test, and the time it lives on. */
export interface CameraCase {
  readonly camera: CameraPort;
  /** Lets this time pass, for cameras of an invented clock; real ones need nothing. */
  readonly pass?: (duration_ms: number) => Promise<void>;
  readonly now_ms: () => number;
  /** One reader at a time. */
  readonly exclusive: boolean;
  close(): Promise<void>;
}

interface Reader {
  next(): Promise<Frame>;
  end(): Promise<void>;
}

const reading = new Set<AbortController>();

function reader({ camera, pass }: CameraCase): Reader {
  const stop = new AbortController();
  reading.add(stop);
  const stream = camera.frames(stop.signal)[Symbol.asyncIterator]();
  return {
    async next() {
      const next = stream.next();
      await pass?.(250);
      const { value, done } = await next;
      assert.equal(done, false, "the stream goes on");
      return value;
    },
    async end() {
      const last = stream.next();
      stop.abort();
      assert.equal((await last).done, true);
    },
  };
}

export function cameraSuite(name: string, make: () => Promise<CameraCase> | CameraCase): void {
  const check = (what: string, act: (made: CameraCase) => Promise<void>) =>
    Deno.test(`${name}: ${what}`, async () => {
      const made = await make();
      try {
        await act(made);
      } finally {
        // One that failed must not hold the camera against those after it.
        for (const stop of reading) stop.abort();
        reading.clear();
        await made.close();
      }
    });

  check("frames are what they say they are, in order and of now", async (made) => {
    const reading = reader(made);
    let before: Frame | undefined;
    for (let count = 0; count < 6; count++) {
      const frame = await reading.next();
      const row = frame.width * bytes_per_pixel[frame.format];
      assert.ok(frame.width > 0 && frame.height > 0);
      assert.ok(frame.stride >= row);
      const rows = frame.format === "NV12" ? frame.height * 1.5 : frame.height;
      assert.ok(frame.data.length >= frame.stride * (rows - 1) + row);
      assert.ok(frame.sequence > (before?.sequence ?? -1), "numbers grow");
      assert.ok(Number.isInteger(frame.captured_at_ms), "whole milliseconds");
      assert.ok(frame.captured_at_ms >= (before?.captured_at_ms ?? 0) - 1);
      assert.ok(frame.captured_at_ms <= made.now_ms() + 1, "no frame comes from the future");
      before = frame;
    }
    await reading.end();
  });

  check("a frame is the reader's to give away", async (made) => {
    const reading = reader(made);
    const first = await reading.next();
    structuredClone(first.data, { transfer: [first.data.buffer] });
    assert.equal(first.data.length, 0);
    const second = await reading.next();
    second.data.fill(0);
    const third = await reading.next();
    assert.ok(third.data.some((byte) => byte !== 0));
    await reading.end();
  });

  check("the signal ends a stream that waits, and one that has not begun", async (made) => {
    const reading = reader(made);
    await reading.next();
    await reading.end();
    const over = made.camera.frames(AbortSignal.abort())[Symbol.asyncIterator]();
    assert.equal((await over.next()).done, true);
  });

  check("a reader that leaves in the middle can begin anew", async (made) => {
    for (let round = 0; round < 3; round++) {
      const stop = new AbortController();
      const stream = made.camera.frames(stop.signal)[Symbol.asyncIterator]();
      const next = stream.next();
      await made.pass?.(250);
      assert.equal((await next).done, false);
      await stream.return?.();
    }
  });

  check("a second reader is refused, and the first reads on", async (made) => {
    if (!made.exclusive) return;
    const reading = reader(made);
    await reading.next();
    const other = made.camera.frames(new AbortController().signal)[Symbol.asyncIterator]();
    await assert.rejects(other.next(), { name: "HardwareError", kind: "device_busy" });
    await reading.next();
    await reading.end();
  });
}
