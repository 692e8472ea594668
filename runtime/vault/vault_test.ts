/** One suite over both vaults: the published vectors, each other's answers, and @hpke/core's. */
import assert from "node:assert/strict";
import { Chacha20Poly1305 } from "@hpke/chacha20poly1305";
import { CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import fc from "fast-check";
import {
  canonicalJson,
  fromBase64url,
  fromHex,
  fromUtf8,
  toBase64url,
  toHex,
  utf8,
} from "./bytes.ts";
import { eddystoneEid } from "./eddystone.ts";
import { createNobleVault, nobleVault } from "./noble.ts";
import { createNodeVault, nodeVault } from "./node.ts";
import type { Sealed, Vault } from "./vault.ts";

const hex = (text: string): Uint8Array<ArrayBuffer> => {
  const bytes = fromHex(text);
  assert.ok(bytes);
  return bytes;
};
const vaults = [
  { name: "node", vault: nodeVault, create: createNodeVault, other: nobleVault },
  { name: "noble", vault: nobleVault, create: createNobleVault, other: nodeVault },
] as const;

/* RFC 8032, section 7.1, tests 1 to 3: seed, public key, message, signature. */
const ed25519 = [
  [
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155" +
    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ],
  [
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ],
  [
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac" +
    "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  ],
] as const;

/* RFC 9180, appendix A.2.1, base mode, sequence number 0. */
const hpke = {
  ephemeral: hex("f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600"),
  enc: "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a",
  recipient: hex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb"),
  recipientPublic: "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a",
  info: hex("4f6465206f6e2061204772656369616e2055726e"),
  associated: hex("436f756e742d30"),
  plaintext: hex("4265617574792069732074727574682c20747275746820626561757479"),
  ciphertext:
    "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28",
};
const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Chacha20Poly1305(),
});

for (const { name, vault, create, other } of vaults) {
  Deno.test(`${name}: signs and verifies as RFC 8032 has it`, () => {
    for (const [seed, publicKey, message, signature] of ed25519) {
      const pair = vault.signingKey(hex(seed));
      assert.equal(toHex(pair.publicKey), publicKey);
      assert.equal(toHex(vault.sign(pair.privateKey, hex(message))), signature);
      assert.equal(vault.verify(pair.publicKey, hex(message), hex(signature)), true);
    }
  });

  Deno.test(`${name}: refuses signatures that are wrong, cut, or by no key at all`, () => {
    const pair = vault.signingKey(new Uint8Array(32).fill(1));
    const message = utf8("carry on");
    const signature = vault.sign(pair.privateKey, message);
    const bent = signature.slice();
    bent[3] = (bent[3] ?? 0) ^ 1;
    assert.equal(vault.verify(pair.publicKey, message, bent), false);
    assert.equal(vault.verify(pair.publicKey, utf8("carry of"), signature), false);
    assert.equal(vault.verify(pair.publicKey, message, signature.subarray(1)), false);
    assert.equal(vault.verify(pair.publicKey.subarray(1), message, signature), false);
    assert.equal(vault.verify(new Uint8Array(32).fill(0xff), message, signature), false);
  });

  Deno.test(`${name}: seals and opens as RFC 9180 A.2.1 has it`, () => {
    const fixed = create({ bytes: () => hpke.ephemeral.slice() });
    const recipient = vault.sealingKey(hpke.recipient);
    assert.equal(toHex(recipient.publicKey), hpke.recipientPublic);
    const sealed = fixed.seal(recipient.publicKey, hpke.info, hpke.associated, hpke.plaintext);
    assert.equal(toHex(sealed.enc), hpke.enc);
    assert.equal(toHex(sealed.ciphertext), hpke.ciphertext);
    assert.deepEqual(vault.open(recipient, hpke.info, hpke.associated, sealed), hpke.plaintext);
  });

  Deno.test(`${name}: opens nothing that was sealed otherwise`, () => {
    const recipient = vault.sealingKey(new Uint8Array(32).fill(9));
    const stranger = vault.sealingKey(new Uint8Array(32).fill(8));
    const [info, associated, plaintext] = [utf8("info"), utf8("context"), utf8("a face")];
    const sealed = vault.seal(recipient.publicKey, info, associated, plaintext);
    assert.deepEqual(vault.open(recipient, info, associated, sealed), plaintext);
    assert.equal(vault.open(stranger, info, associated, sealed), undefined);
    assert.equal(vault.open(recipient, utf8("inf0"), associated, sealed), undefined);
    assert.equal(vault.open(recipient, info, utf8("contexT"), sealed), undefined);
    for (const enc of [new Uint8Array(32), new Uint8Array(31), new Uint8Array(32).fill(7)]) {
      assert.equal(vault.open(recipient, info, associated, { ...sealed, enc }), undefined);
    }
    const cut = { ...sealed, ciphertext: sealed.ciphertext.slice(0, 10) };
    assert.equal(vault.open(recipient, info, associated, cut), undefined);
    assert.throws(
      () => vault.seal(new Uint8Array(32), info, associated, plaintext),
      { kind: "request_invalid" },
    );
    const again = vault.seal(recipient.publicKey, info, associated, plaintext);
    assert.notDeepEqual(again.enc, sealed.enc);
  });

  Deno.test(`${name}: what @hpke/core seals is opened, and the reverse`, async () => {
    const pair = vault.sealingKey(new Uint8Array(32).fill(5));
    const [info, associated] = [utf8("saunter"), utf8("visit 1")];
    const theirPublic = await suite.kem.deserializePublicKey(pair.publicKey.slice().buffer);
    const sender = await suite.createSenderContext({ recipientPublicKey: theirPublic, info });
    const sealed = {
      enc: new Uint8Array(sender.enc),
      ciphertext: new Uint8Array(await sender.seal(utf8("theirs"), associated)),
    };
    assert.deepEqual(vault.open(pair, info, associated, sealed), utf8("theirs"));

    const ours = vault.seal(pair.publicKey, info, associated, utf8("ours"));
    const recipientKey = await suite.kem.deserializePrivateKey(pair.privateKey.slice().buffer);
    const recipient = await suite.createRecipientContext({
      recipientKey,
      enc: ours.enc,
      info,
    });
    const opened = new Uint8Array(await recipient.open(ours.ciphertext, associated));
    assert.deepEqual(opened, utf8("ours"));
  });

  Deno.test(`${name}: many under one encapsulation, each opens without the others`, () => {
    const recipient = vault.sealingKey(new Uint8Array(32).fill(6));
    const [info, context] = [utf8("saunter"), utf8("visit 1")];
    const sealer = vault.sealer(recipient.publicKey, info);
    const faces = ["first", "second", "third"].map(utf8);
    const sealed = faces.map((face) => sealer.seal(context, face));
    assert.deepEqual(sealed.map(({ sequence }) => sequence), [0, 1, 2]);
    assert.deepEqual(new Set(sealed.map(({ enc }) => toHex(enc))).size, 1);
    for (const at of [2, 0, 1]) {
      const one: Sealed | undefined = sealed[at];
      assert.ok(one);
      for (const opener of [vault, other]) {
        assert.deepEqual(opener.open(recipient, info, context, one), faces[at]);
        const open = (each: Sealed) => opener.open(recipient, info, context, each);
        assert.equal(open({ enc: one.enc, ciphertext: one.ciphertext }), undefined);
        assert.equal(open({ ...one, sequence: at + 1 }), undefined);
      }
    }
    sealer.wipe();
    assert.throws(() => sealer.seal(context, utf8("fourth")), { name: "InvariantError" });
    assert.throws(() => vault.sealer(new Uint8Array(32), info), { kind: "request_invalid" });
    const next = vault.sealer(recipient.publicKey, info).seal(context, utf8("first"));
    assert.notDeepEqual(next.enc, sealed[0]?.enc);
  });

  Deno.test(`${name}: the key of an item is what @hpke/core exports for it`, async () => {
    const pair = vault.sealingKey(new Uint8Array(32).fill(7));
    const [info, associated] = [utf8("saunter"), utf8("visit 2")];
    const sealer = vault.sealer(pair.publicKey, info);
    sealer.seal(associated, utf8("one before"));
    const { enc, ciphertext, sequence } = sealer.seal(associated, utf8("a face"));
    const recipientKey = await suite.kem.deserializePrivateKey(pair.privateKey.slice().buffer);
    const recipient = await suite.createRecipientContext({ recipientKey, enc, info });
    const key = new Uint8Array(await recipient.export(utf8(`item ${sequence}`), 32));
    const cipher = chacha20poly1305(key, new Uint8Array(12), associated);
    assert.deepEqual(new Uint8Array(cipher.decrypt(ciphertext)), utf8("a face"));
  });

  Deno.test(`${name}: what is locked opens for its key, in its context, unchanged`, () => {
    const key = hpke.recipient;
    const [associated, plaintext] = [utf8("visit 1"), utf8("a face in numbers")];
    const locked = vault.lock(key, associated, plaintext);
    assert.deepEqual(other.unlock(key, associated, locked), plaintext);
    const cipher = chacha20poly1305(key, locked.subarray(0, 12), associated);
    assert.deepEqual(new Uint8Array(cipher.encrypt(plaintext)), locked.slice(12));
    assert.notDeepEqual(vault.lock(key, associated, plaintext), locked, "another nonce");
    assert.equal(vault.unlock(hpke.ephemeral, associated, locked), undefined);
    assert.equal(vault.unlock(key, utf8("visit 2"), locked), undefined);
    for (let at = 0; at < locked.length; at += 1) {
      const changed = locked.map((byte, place) => place === at ? byte ^ 1 : byte);
      assert.equal(vault.unlock(key, associated, changed), undefined);
      assert.equal(vault.unlock(key, associated, locked.subarray(0, at)), undefined);
    }
    assert.throws(() => vault.lock(key.subarray(1), associated, plaintext), {
      name: "InvariantError",
    });
  });

  Deno.test(`${name}: foretells a beacon's code by the published vectors`, () => {
    const key = hex("0102030405060708090a111213141516");
    assert.equal(toHex(eddystoneEid(vault, key, 10, 0)), "a9b76a71c5f89290");
    assert.equal(toHex(eddystoneEid(vault, key, 10, 2000)), "4144413e45fefa58");
    assert.deepEqual(eddystoneEid(vault, key, 10, 1024), eddystoneEid(vault, key, 10, 2047));
    assert.notDeepEqual(eddystoneEid(vault, key, 10, 2047), eddystoneEid(vault, key, 10, 2048));
  });

  Deno.test(`${name}: agrees with the other vault on everything`, () => {
    const bytes = fc.uint8Array({ minLength: 0, maxLength: 80 });
    const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(key, bytes, bytes, (seed, message, associated) => {
        assert.deepEqual(vault.signingKey(seed), other.signingKey(seed));
        assert.deepEqual(vault.sign(seed, message), other.sign(seed, message));
        assert.deepEqual(vault.sha256(message), other.sha256(message));
        assert.deepEqual(vault.hmacSha256(seed, message), other.hmacSha256(seed, message));
        const [small, block] = [seed.subarray(0, 16), seed.subarray(16)];
        assert.deepEqual(vault.aes128Block(small, block), other.aes128Block(small, block));
        const pair = other.sealingKey(seed);
        const sealed = vault.seal(pair.publicKey, message, associated, message);
        assert.deepEqual(other.open(pair, message, associated, sealed), new Uint8Array(message));
      }),
      { numRuns: 25 },
    );
  });

  Deno.test(`${name}: takes its time for a short secret, and agrees on what comes out`, () => {
    const [secret, salt] = [utf8("blue heron"), utf8("salt of 16 bytes")];
    const hash = vault.slowHash(secret, salt);
    assert.equal(hash.length, 32);
    assert.deepEqual(hash, other.slowHash(secret, salt));
    assert.notDeepEqual(hash, vault.slowHash(secret, utf8("salt of 16 byteS")));
    assert.notDeepEqual(hash, vault.slowHash(utf8("blue herom"), salt));
  });

  Deno.test(`${name}: compares as equal only what is equal`, () => {
    assert.equal(vault.equal(utf8("nonce"), utf8("nonce")), true);
    assert.equal(vault.equal(utf8("nonce"), utf8("noncf")), false);
    assert.equal(vault.equal(utf8("nonce"), utf8("nonce ")), false);
    assert.equal(vault.equal(new Uint8Array(0), new Uint8Array(0)), true);
  });
}

Deno.test("a key of the wrong length is the caller's mistake, in both vaults", () => {
  const misuse = (vault: Vault) => [
    () => vault.signingKey(new Uint8Array(31)),
    () => vault.sealingKey(new Uint8Array(33)),
    () => vault.sign(new Uint8Array(64), utf8("x")),
    () => vault.aes128Block(new Uint8Array(32), new Uint8Array(16)),
  ];
  for (const { vault } of vaults) {
    for (const call of misuse(vault)) assert.throws(call, { name: "InvariantError" });
  }
});

Deno.test("bytes survive base64url and hex, and look-alikes are refused", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
    assert.deepEqual(fromBase64url(toBase64url(bytes)), new Uint8Array(bytes));
    assert.deepEqual(fromHex(toHex(bytes)), new Uint8Array(bytes));
  }));
  assert.equal(fromBase64url("AB"), undefined);
  assert.equal(fromHex("abc"), undefined);
  assert.equal(fromHex("zz"), undefined);
  assert.equal(fromUtf8(Uint8Array.of(0xff)), undefined);
});

Deno.test("canonical JSON does not depend on the order of fields", () => {
  const text = canonicalJson({ b: [1, { z: null, a: "ü\n" }], a: true, none: undefined });
  assert.equal(text, '{"a":true,"b":[1,{"a":"ü\\n","z":null}]}');
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const plain = JSON.parse(JSON.stringify(value));
    assert.deepEqual(JSON.parse(canonicalJson(plain)), plain);
  }));
  assert.throws(() => canonicalJson({ a: Number.NaN }), TypeError);
  assert.throws(() => canonicalJson([undefined]), TypeError);
});
