/** Sound comes out of its file as it went in; what is no sound is refused by name. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { HardwareError } from "../errors.ts";
import { hardwareLimits } from "../limits.ts";
import { wav } from "./testing.ts";
import { decodeWav } from "./wav.ts";

function refused(bytes: Uint8Array, words: RegExp): void {
  assert.throws(() => decodeWav(bytes, "a.wav"), (error) => {
    assert.ok(error instanceof HardwareError);
    assert.equal(error.kind, "sound_unreadable");
    assert.match(error.message, words);
    assert.match(error.message, /^a\.wav /);
    return true;
  });
}

Deno.test("samples of 16 bits come out as they are", () => {
  const { rate_hz, samples } = decodeWav(wav({ samples: [0, 1, -1, 32767, -32768] }), "a");
  assert.equal(rate_hz, 8000);
  assert.deepEqual([...samples], [0, 1, -1, 32767, -32768]);
});

Deno.test("two channels become their mean, and 8 bits the upper byte", () => {
  assert.deepEqual([...decodeWav(wav({ channels: 2, samples: [10, 20, -4, 4] }), "a").samples], [
    15,
    0,
  ]);
  assert.deepEqual([...decodeWav(wav({ bits: 8, samples: [128, 255, 0] }), "a").samples], [
    0,
    127 * 256,
    -32768,
  ]);
});

Deno.test("parts that are not sound are passed over, also those of odd length", () => {
  const file = wav({
    samples: [7],
    before: [..."LIST"].map((c) => c.charCodeAt(0)).concat(3, 0, 0, 0, 1, 2, 3, 0),
  });
  assert.deepEqual([...decodeWav(file, "a").samples], [7]);
});

Deno.test("the extensible form names its coding further behind", () => {
  const guid = [
    22,
    0,
    16,
    0,
    4,
    0,
    0,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    0x10,
    0,
    0x80,
    0,
    0,
    0xaa,
    0,
    0x38,
    0x9b,
    0x71,
  ];
  assert.deepEqual([...decodeWav(wav({ samples: [5], coding: 0xfffe, more: guid }), "a").samples], [
    5,
  ]);
});

Deno.test("a file that lies about itself is refused", () => {
  refused(new Uint8Array(0), /no RIFF WAVE/);
  refused(new TextEncoder().encode("RIFF....AVI LIST"), /no RIFF WAVE/);
  refused(wav({ samples: [1, 2] }).subarray(0, 46), /cut short: its "data" part has 4 bytes/);
  refused(wav({ samples: [1] }).subarray(0, 36), /holds no sound/);
  refused(wav({ samples: [1], coding: 3 }), /coding 3 of 16 bits/);
  refused(wav({ samples: [1], coding: 0xfffe }), /coding 65534/);
  refused(wav({ samples: [1], bits: 24 }), /of 24 bits/);
  refused(wav({ samples: [1], channels: 0 }), /has 0 channels/);
  refused(wav({ samples: [1], channels: 9 }), /has 9 channels/);
  refused(wav({ samples: [1], rate_hz: 4000 }), /4000 samples a second/);
  refused(wav({ samples: [1], rate_hz: 4_000_000_000 }), /4000000000 samples a second/);
  const short = wav({ samples: [1] });
  new DataView(short.buffer).setUint32(16, 8, true);
  refused(short, /in 8 bytes instead of 16/);
  const endless = wav({ samples: [1] });
  new DataView(endless.buffer).setUint32(40, 0xffff_ffff, true);
  refused(endless, /has 4294967295 bytes/);
  const late = wav({ samples: [1] });
  late.set(new TextEncoder().encode("fmt_"), 12);
  refused(late, /before it says in which format/);
  refused(new Uint8Array(hardwareLimits.sound_bytes + 1), /more than 16777216/);
});

Deno.test("no bytes whatever do more than be refused", () => {
  const file = wav({ samples: [1, 2, 3, 4, 5, 6, 7, 8] });
  const places = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 6 });
  fc.assert(fc.property(places, fc.nat(file.length), (changes, length) => {
    const bytes = file.slice(0, length);
    for (const [at, value] of changes) if (at < length) bytes[at] = value;
    try {
      assert.ok(decodeWav(bytes, "fuzz").samples.length <= length);
    } catch (error) {
      assert.ok(error instanceof HardwareError, String(error));
    }
  }));
});
