/** The fast vault tells apart what the real one tells apart. */
import assert from "node:assert/strict";
import { createSimulatedVault } from "./vault.ts";

let drawn = 0;
const vault = createSimulatedVault({
  bytes: (length) => new Uint8Array(length).fill(++drawn),
});
const bytes = (text: string) => new TextEncoder().encode(text);
const seed = (fill: number) => new Uint8Array(32).fill(fill);
const flipped = (whole: Uint8Array, at: number) =>
  whole.map((byte, place) => place === at ? byte ^ 1 : byte);

Deno.test("a signature fits its key and its message alone", () => {
  const [key, other] = [vault.signingKey(seed(1)), vault.signingKey(seed(2))];
  const message = bytes("twelve euros fifty");
  const signature = vault.sign(key.privateKey, message);
  assert.ok(vault.verify(key.publicKey, message, signature));
  assert.ok(!vault.verify(other.publicKey, message, signature));
  for (let at = 0; at < message.length; at++) {
    assert.ok(!vault.verify(key.publicKey, flipped(message, at), signature));
  }
  for (let at = 0; at < signature.length; at++) {
    assert.ok(!vault.verify(key.publicKey, message, flipped(signature, at)));
  }
  assert.ok(!vault.verify(key.publicKey.subarray(1), message, signature));
});

Deno.test("what is sealed opens for its key, in its context, unchanged", () => {
  const [key, other] = [vault.sealingKey(seed(3)), vault.sealingKey(seed(4))];
  const [info, context, plain] = [bytes("info"), bytes("visit 1"), bytes("a face in numbers")];
  const sealed = vault.seal(key.publicKey, info, context, plain);
  assert.deepEqual(vault.open(key, info, context, sealed), plain);
  assert.equal(vault.open(other, info, context, sealed), undefined);
  assert.equal(vault.open(key, bytes("other"), context, sealed), undefined);
  assert.equal(vault.open(key, info, bytes("visit 2"), sealed), undefined);
  const { enc, ciphertext } = sealed;
  for (let at = 0; at < ciphertext.length; at++) {
    const changed = { enc, ciphertext: flipped(ciphertext, at) as Uint8Array<ArrayBuffer> };
    assert.equal(vault.open(key, info, context, changed), undefined);
  }
  const again = vault.seal(key.publicKey, info, context, plain);
  assert.notDeepEqual(again.ciphertext, ciphertext);
  assert.throws(() => vault.seal(new Uint8Array(31), info, context, plain), {
    kind: "request_invalid",
  });
});

Deno.test("of many that one sealer seals, each opens by its own number", () => {
  const key = vault.sealingKey(seed(5));
  const [info, context] = [bytes("info"), bytes("visit 1")];
  const sealer = vault.sealer(key.publicKey, info);
  const [first, second] = [bytes("a"), bytes("b")].map((plain) => sealer.seal(context, plain));
  assert.ok(first && second);
  assert.deepEqual(vault.open(key, info, context, second), bytes("b"));
  assert.deepEqual(vault.open(key, info, context, first), bytes("a"));
  assert.equal(vault.open(key, info, context, { ...first, sequence: 1 }), undefined);
});

Deno.test("what is locked opens for its key, in its context, unchanged", () => {
  const [context, plain] = [bytes("visit 1"), bytes("a face in numbers")];
  const locked = vault.lock(seed(6), context, plain);
  assert.deepEqual(vault.unlock(seed(6), context, locked), plain);
  assert.equal(vault.unlock(seed(7), context, locked), undefined);
  assert.equal(vault.unlock(seed(6), bytes("visit 2"), locked), undefined);
  for (let at = 0; at < locked.length; at++) {
    assert.equal(vault.unlock(seed(6), context, flipped(locked, at)), undefined);
    assert.equal(vault.unlock(seed(6), context, locked.subarray(0, at)), undefined);
  }
  assert.notDeepEqual(vault.lock(seed(6), context, plain), locked);
});

Deno.test("hashes of ten thousand short texts are all different", () => {
  const seen = new Set<string>();
  for (let number = 0; number < 10_000; number++) {
    seen.add(vault.sha256(bytes(`text ${number}`)).join());
  }
  assert.equal(seen.size, 10_000);
  const hmac = (key: string, text: string) => vault.hmacSha256(bytes(key), bytes(text)).join();
  assert.notEqual(hmac("ab", "c"), hmac("a", "bc"));
});
