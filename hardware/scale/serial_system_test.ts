/** A scale on a serial line, which is a pseudo terminal whose other end the test holds. */
import assert from "node:assert/strict";
import { openLibc } from "../ffi/libc.ts";
import { scaleSuite } from "../testing/aisle_suites.ts";
import { openTerminal } from "../testing/terminal.ts";
import { SerialScale } from "./serial.ts";

Deno.test("weights come as the scale sends them, in whatever pieces", async () => {
  using libc = openLibc();
  using line = openTerminal(libc);
  const scale = new SerialScale({ id: "shelf-1", libc, path: line.path });
  const stop = new AbortController();
  const weights = scale.weights(stop.signal)[Symbol.asyncIterator]();
  let next = weights.next();
  line.say("noise\r\nST,GS,+  1.2");
  line.say("34kg\r\n");
  assert.equal((await next).value?.grams, 1_234);
  next = weights.next();
  line.say("US,GS,+  0.500kg\r\nST,GS,+  0.484kg\r\n");
  assert.deepEqual({ ...(await next).value, at_ms: 0 }, { grams: 484, at_rest: true, at_ms: 0 });
  // Somebody tares it: nothing was taken.
  next = weights.next();
  line.say("ST,NT,+  0.000kg\r\n");
  assert.equal((await next).value?.grams, 484);
  next = weights.next();
  stop.abort();
  assert.equal((await next).done, true);
});

Deno.test("a line that is pulled out is told, and read again when it is back", async () => {
  using libc = openLibc();
  const first = openTerminal(libc);
  const scale = new SerialScale({ id: "shelf-1", libc, path: first.path });
  const weights = scale.weights(new AbortController().signal)[Symbol.asyncIterator]();
  const lost = assert.rejects(weights.next(), {
    name: "HardwareError",
    kind: "device_lost",
    message: /scale shelf-1 .*check its cable/,
  });
  // Only then does the driver have the line open.
  await new Promise((resolve) => setTimeout(resolve, 20));
  first[Symbol.dispose]();
  await lost;
  await assert.rejects(
    new SerialScale({ id: "shelf-1", libc, path: "/dev/pts/99999" }).weights(
      new AbortController().signal,
    ).next(),
    { kind: "device_missing" },
  );
  await assert.rejects(
    new SerialScale({ id: "shelf-1", libc, path: "/dev/null" }).weights(
      new AbortController().signal,
    ).next(),
    { kind: "format_unsupported" },
  );
});

scaleSuite("a scale on a serial line", () => {
  const libc = openLibc();
  const line = openTerminal(libc);
  let weight_g = 0;
  /** It sends by itself, several times a second. */
  const says = () => line.say(`ST,GS,+${(weight_g / 1_000).toFixed(3).padStart(8)}kg\r\n`);
  const sending = setInterval(says, 20);
  const unplug = () => {
    clearInterval(sending);
    line[Symbol.dispose]();
  };
  return {
    scale: new SerialScale({ id: "shelf-1", libc, path: line.path }),
    load: (grams) => void (weight_g += grams),
    tolerance_g: 0,
    unplug,
    close() {
      unplug();
      libc[Symbol.dispose]();
      return Promise.resolve();
    },
  };
});
