/** The D-Bus codec on what the specification writes down, and on a flood of damaged messages. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Message, messageTypes, pack, unpack } from "./message.ts";
import { typesOf, WireError } from "./signature.ts";
import { decode, encode, type Value, Variant } from "./wire.ts";

const hex = (bytes: Uint8Array) => bytes.toHex();

Deno.test("values lie where the specification puts them", () => {
  // A string: length, text, zero; then an array of 64-bit numbers is aligned to 8.
  assert.equal(hex(encode("s", ["foo"])), "03000000666f6f00");
  assert.equal(hex(encode("yat", [1, [5n]])), "0100000008000000" + "0500000000000000");
  assert.equal(hex(encode("a{sv}", [new Map()])), "0000000000000000");
  assert.equal(hex(encode("v", [new Variant("u", 7)])), "0175000007000000");
});

Deno.test("signatures that are none are refused", () => {
  for (const bad of ["a", "(", "()", "(i", "{sv}", "a{vs}", "a{s}", "a{sss}", "z", "i)"]) {
    assert.throws(() => typesOf(bad), WireError, bad);
  }
  assert.throws(() => typesOf("a".repeat(100) + "i"), WireError);
  assert.deepEqual(typesOf("a{sa{sv}}ia(ii)"), ["a{sa{sv}}", "i", "a(ii)"]);
});

const text = fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\0"));
/** A value of a random type, with the type. */
const typed: fc.Arbitrary<[string, Value]> = fc.letrec<{ value: [string, Value] }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.tuple(fc.constant("y"), fc.nat(255)),
    fc.tuple(fc.constant("b"), fc.boolean()),
    fc.tuple(fc.constant("n"), fc.integer({ min: -32_768, max: 32_767 })),
    fc.tuple(fc.constant("u"), fc.nat(0xffffffff)),
    fc.tuple(fc.constant("x"), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    fc.tuple(fc.constant("d"), fc.double({ noNaN: true })),
    fc.tuple(fc.constant("s"), text),
    fc.uint8Array().map((bytes): [string, Value] => ["ay", new Uint8Array(bytes)]),
    tie("value").map(([type, value]): [string, Value] => ["v", new Variant(type, value)]),
    fc.array(tie("value"), { minLength: 1, maxLength: 3 }).map((members): [string, Value] => [
      `(${members.map(([type]) => type).join("")})`,
      members.map(([, value]) => value),
    ]),
    fc.dictionary(text, tie("value"), { maxKeys: 3 }).map((entries): [string, Value] => [
      "a{sv}",
      new Map(
        Object.entries(entries).map(([key, [type, value]]) => [key, new Variant(type, value)]),
      ),
    ]),
  ),
})).value;

Deno.test("whatever is written is read again", () => {
  fc.assert(fc.property(fc.array(typed, { maxLength: 5 }), (values) => {
    const signature = values.map(([type]) => type).join("");
    const body = values.map(([, value]) => value);
    fc.pre(signature.length <= 255);
    assert.deepEqual(decode(signature, encode(signature, body)), body);
  }));
});

Deno.test("a value that lies across the end of the writer's room is written whole", () => {
  for (let before = 240; before < 520; before++) {
    const body = ["x".repeat(before), 0x01020304, 5n, 1.5];
    assert.deepEqual(decode("suxd", encode("suxd", body)), body, `after ${before} letters`);
  }
});

/** Messages as BlueZ sends them. */
function samples(): Message[] {
  const data = new Map<Value, Value>([["feaa", new Variant("ay", new Uint8Array(20))]]);
  const device = new Map<Value, Value>([
    ["RSSI", new Variant("n", -60)],
    ["Name", new Variant("s", "b-1")],
    ["UUIDs", new Variant("as", ["feaa", "180d"])],
    ["ServiceData", new Variant("a{sv}", data)],
  ]);
  const objects = new Map<Value, Value>([["/org/bluez/hci0", new Map([["Device1", device]])]]);
  return [
    {
      type: messageTypes.reply,
      serial: 7,
      reply_serial: 1_001,
      sender: ":1.2",
      signature: "a{oa{sa{sv}}}",
      body: [objects],
    },
    {
      type: messageTypes.signal,
      serial: 8,
      path: "/org/bluez/hci0/dev_AA",
      interface: "org.freedesktop.DBus.Properties",
      member: "PropertiesChanged",
      signature: "sa{sv}as",
      body: ["org.bluez.Device1", device, []],
    },
    { type: messageTypes.error, serial: 9, reply_serial: 1, signature: "s", body: ["no"] },
  ];
}

/** xorshift32: the same flood every time. */
function generator(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>>= 0;
  };
}

// A million with `deno task fuzz`.
const rounds = Number(Deno.args[0] ?? 30_000);

Deno.test(`${rounds} damaged messages are refused or read, and nothing else`, () => {
  const next = generator(rounds);
  const whole = samples().map(pack);
  let refused = 0;
  const memory = Deno.memoryUsage().heapUsed;
  for (let round = 0; round < rounds; round++) {
    const sample = whole[next() % whole.length]!;
    const cut = next() % 8 === 0 ? next() % sample.length : sample.length;
    const bytes = sample.slice(0, cut);
    for (let flips = next() % 4; flips >= 0 && bytes.length > 0; flips--) {
      // Numbers at the edges do more harm than any others.
      const value = [0, 0xff, 0x7f, 0x80, next() & 0xff][next() % 5]!;
      bytes[next() % bytes.length] = value;
    }
    try {
      unpack(bytes);
    } catch (error) {
      assert.ok(error instanceof WireError, String(error));
      refused++;
    }
  }
  assert.ok(refused > rounds / 4 && refused < rounds);
  const kept = Deno.memoryUsage().heapUsed - memory;
  assert.ok(kept < 64 * 1024 * 1024, `${kept} bytes are kept`);
});

Deno.test("lengths that claim more than is there cost nothing", () => {
  const huge = encode("ay", [new Uint8Array(4)]);
  new DataView(huge.buffer).setUint32(0, 0xffffffff, true);
  assert.throws(() => decode("ay", huge), WireError);
  const deep = encode("g", ["v"]);
  const nested = new Uint8Array(deep.length * 4_000);
  for (let at = 0; at < nested.length; at += deep.length) nested.set(deep, at);
  assert.throws(() => decode("v", nested), /too deep/);
});

Deno.test("a number that is the first to need more room is written there", () => {
  for (const [type, value] of [["y", 7], ["q", 7], ["u", 7], ["t", 7n], ["d", 7]] as const) {
    for (let before = 0; before < 600; before++) {
      const values = ["x".repeat(before), value];
      assert.deepEqual(decode(`s${type}`, encode(`s${type}`, values)), values);
    }
  }
});
