/** What is read at once is what the library would have read, and what it would not is not. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type InnerList, serializeDictionary, serializeInnerList } from "structured-headers";
import { utf8 } from "../../vault/bytes.ts";
import {
  componentsOf,
  dictionary,
  inputOf,
  makeInput,
  memberText,
  readBytes,
  readInput,
  writeBytes,
} from "./structured.ts";

const ascii = fc.string({ unit: fc.constantFrom(...'ab@-;="\\,:() ?1') });
const name = fc.constantFrom("sig", "saunter", "*a", "b-1", "created", "nonce", "keyid");
const bare = fc.oneof(
  fc.integer({ min: -99, max: 2_000_000_000 }),
  ascii,
  fc.boolean(),
  fc.constantFrom(0.5, 1.25),
  fc.uint8Array({ maxLength: 3 }).map((bytes) => bytes.slice().buffer),
);
const parameters = fc.array(fc.tuple(name, bare), { maxLength: 4 }).map((all) => new Map(all));
const list: fc.Arbitrary<InnerList> = fc.tuple(
  fc.array(fc.tuple(ascii, parameters), { maxLength: 3 }),
  parameters,
);
/** Fields that are written well, those that stumble somewhere, and noise. */
const field = fc.oneof(
  fc.array(fc.tuple(name, list), { maxLength: 2 }).map((all) => serializeDictionary(new Map(all))),
  fc.tuple(name, list, ascii).map(([key, of, rest]) => `${key}=${serializeInnerList(of)}${rest}`),
  fc.tuple(name, ascii).map(([key, rest]) => `${key}=${rest}`),
  fc.tuple(name, ascii, ascii).map(([key, rest, tail]) => `${key}=(${rest})${tail}`),
  ascii,
);

Deno.test("an input is read as the library reads it, whatever it is", () => {
  let plain = 0;
  fc.assert(
    fc.property(field, (text) => {
      const entry = dictionary(text)?.entries().next().value;
      const read = readInput(text);
      if (!entry || !Array.isArray(entry[1][0])) return void assert.equal(read, undefined);
      const [label, of] = entry as [string, InnerList];
      assert.equal(read?.label, label);
      assert.deepEqual(read.input, inputOf(of));
      assert.equal(read.input.text, serializeInnerList(of));
      plain += 1;
    }),
    { numRuns: 2_000 },
  );
  assert.ok(plain > 200, "most of what was tried must not be noise");
});

Deno.test("fields in our own form, and beside it, are read as the library reads them", () => {
  const own = '("@method" "content-digest";req);created=1700000000;nonce="n-1";keyid="device:a"';
  const fields = [
    `saunter=${own}`,
    `saunter=${own};alg="ed25519"`,
    "saunter=()",
    'saunter=("a"  "b");created=1',
    'saunter=( "a" );created=1',
    'saunter=("a");created=01',
    'saunter=("a");created=-0',
    'saunter=("a");created=1;created=2',
    'saunter=("a"); created=1',
    'saunter=("a");flag',
    'saunter=("a");keyid="x)y"',
    'saunter=("a)b");created=1',
    'saunter=("a");keyid="x\\"y"',
    'saunter=("a";key="b");created=1, other=("c")',
    'saunter=("a");created=1, saunter=("c");created=2',
    'saunter=("a");created=1,',
    'saunter=("a");created=1234567890123456',
    'Saunter=("a");created=1',
    ' saunter=("a");created=1 ',
    "saunter=1",
    'saunter=("é")',
  ];
  for (const text of fields) {
    const entry = dictionary(text)?.entries().next().value;
    const of = entry && Array.isArray(entry[1][0]) ? entry[1] as InnerList : undefined;
    const read = readInput(text);
    assert.deepEqual(read?.input, of && inputOf(of), text);
    if (of) assert.equal(read?.input.text, serializeInnerList(of), text);
  }
});

Deno.test("an input that is made is the text that is read", () => {
  fc.assert(
    fc.property(fc.nat(), ascii, (created, keyid) => {
      const components = componentsOf('("@method" "@path";req)') ?? assert.fail("components");
      const made = makeInput(
        components,
        new Map<string, string | number>([
          ["created", created],
          ["keyid", keyid],
        ]),
      );
      assert.deepEqual(readInput(`saunter=${made.text}`), { label: "saunter", input: made });
    }),
  );
});

Deno.test("byte sequences are read, and told again, as the library does", () => {
  const text = fc.oneof(
    fc.tuple(name, fc.uint8Array({ maxLength: 6 })).map(([key, of]) => writeBytes(key, of)),
    fc.tuple(name, fc.string({ unit: fc.constantFrom(..."AQgw=:,;a ") }))
      .map(([key, rest]) => `${key}=:${rest}`),
    field,
  );
  fc.assert(
    fc.property(text, fc.oneof(name, fc.constant("a=:AA:, b")), (of, key) => {
      const member = dictionary(of)?.get(key);
      const bytes = member?.[0] instanceof ArrayBuffer ? new Uint8Array(member[0]) : undefined;
      assert.deepEqual(readBytes(of, key), bytes);
      const told = member && serializeDictionary(new Map([["x", member]])).slice(1);
      const again = memberText(of, key);
      assert.equal(again, told?.startsWith("=") ? told.slice(1) : again && `?1${told}`);
    }),
    { numRuns: 2_000 },
  );
  assert.deepEqual(readBytes("a=:AAAA:, b=:Zm9v:", "b"), utf8("foo"));
  assert.equal(readBytes("a=:", "a"), undefined);
  assert.equal(memberText("a=:AA==:, b=:Zm9v:", "a=:AA==:, b"), undefined);
});
