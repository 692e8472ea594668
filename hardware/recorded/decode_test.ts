/** Pictures come out of their files as they went in; what is no picture is refused by name. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { encode as encodePng } from "fast-png";
import { encode as encodeJpeg } from "jpeg-js";
import { HardwareError } from "../errors.ts";
import { decodePicture } from "./decode.ts";

function pgm(header: string, ...samples: number[]): Uint8Array {
  return new Uint8Array([...new TextEncoder().encode(header), ...samples]);
}

function refused(bytes: Uint8Array, words: RegExp): void {
  assert.throws(() => decodePicture(bytes, "a.pgm"), (error) => {
    assert.ok(error instanceof HardwareError);
    assert.equal(error.kind, "picture_unreadable");
    assert.match(error.message, words);
    assert.match(error.message, /^a\.pgm /);
    return true;
  });
}

Deno.test("a PGM with comments and any white space becomes equal R, G and B", () => {
  const picture = decodePicture(pgm("P5\n# a comment\n2\t1 # and another\n255\n", 0, 200), "a");
  assert.equal(picture.width, 2);
  assert.equal(picture.height, 1);
  assert.deepEqual([...picture.data], [0, 0, 0, 200, 200, 200]);
});

Deno.test("a PGM of another depth is stretched to 0..255", () => {
  assert.deepEqual([...decodePicture(pgm("P5 2 1 15 ", 15, 3), "a").data].slice(0, 4), [
    255,
    255,
    255,
    51,
  ]);
  assert.deepEqual([...decodePicture(pgm("P5 1 1 65535 ", 0x80, 0), "a").data], [128, 128, 128]);
});

Deno.test("a PGM that lies about itself is refused", () => {
  refused(pgm("P5 2 2 255 ", 1, 2, 3), /cut short/);
  refused(pgm("P5 2"), /ends inside/);
  refused(pgm("P5 x y 255 "), /not made of numbers/);
  refused(pgm("P5 99999 99999 255 "), /says it is 99999 by 99999/);
  refused(pgm("P5 0 4 255 "), /says it is 0 by 4/);
  refused(pgm("P5 1 1 0 ", 1), /maximal grey 0/);
  refused(pgm("GIF89a"), /neither PGM/);
  refused(new Uint8Array(0), /neither PGM/);
});

Deno.test("no bytes whatever do more than be refused", () => {
  const start = fc.constantFrom("P5", "P5 3 3 255\n", "\x89PNG\r\n\x1a\n", "\xff\xd8\xff\xe0");
  fc.assert(fc.property(start, fc.uint8Array({ maxLength: 64 }), (head, tail) => {
    const bytes = new Uint8Array([...head].map((c) => c.charCodeAt(0)).concat(...tail));
    try {
      const picture = decodePicture(bytes, "fuzz");
      assert.equal(picture.data.length, picture.width * picture.height * 3);
    } catch (error) {
      assert.ok(error instanceof HardwareError, String(error));
    }
  }));
});

Deno.test("PNG in colour, grey, grey with alpha and 16 bits", () => {
  const colour = encodePng({
    width: 2,
    height: 1,
    channels: 3,
    data: new Uint8Array([1, 2, 3, 4, 5, 6]),
  });
  assert.deepEqual([...decodePicture(colour, "a").data], [1, 2, 3, 4, 5, 6]);
  const alpha = encodePng({
    width: 1,
    height: 1,
    channels: 4,
    data: new Uint8Array([7, 8, 9, 10]),
  });
  assert.deepEqual([...decodePicture(alpha, "a").data], [7, 8, 9]);
  const grey = encodePng({ width: 2, height: 1, channels: 1, data: new Uint8Array([9, 90]) });
  assert.deepEqual([...decodePicture(grey, "a").data], [9, 9, 9, 90, 90, 90]);
  const deep = encodePng({
    width: 1,
    height: 1,
    channels: 1,
    depth: 16,
    data: new Uint16Array([0x1234]),
  });
  assert.deepEqual([...decodePicture(deep, "a").data], [0x12, 0x12, 0x12]);
});

Deno.test("a PNG that claims a huge size is refused before it is decoded", () => {
  const png = encodePng({ width: 1, height: 1, channels: 1, data: new Uint8Array([1]) });
  new DataView(png.buffer, png.byteOffset).setUint32(16, 1_000_000_000);
  refused(png, /says it is 1000000000 by 1/);
});

Deno.test("a JPEG of one colour comes back within its losses", () => {
  const data = new Uint8Array(16 * 16 * 4).map((_, i) => [200, 100, 50, 255][i % 4]!);
  const jpeg = encodeJpeg({ width: 16, height: 16, data }, 95);
  const picture = decodePicture(new Uint8Array(jpeg.data), "a.jpg");
  assert.equal(picture.data.length, 16 * 16 * 3);
  for (const [channel, value] of [200, 100, 50].entries()) {
    assert.ok(Math.abs(picture.data[channel]! - value) <= 4);
  }
});
