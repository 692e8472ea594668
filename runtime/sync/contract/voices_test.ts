/** Voices cross the wire sealed, to one receiver in one context, and are heard as before. */
import assert from "node:assert/strict";
import { judgeAnswer } from "../../perception/voice/decide.ts";
import { enrolledTone, spoken } from "../../perception/voice/testing.ts";
import { nodeVault } from "../../vault/node.ts";
import { openVoice, sealVoice } from "./voices.ts";
import { sealedVoice } from "./voice_words.ts";

const key = nodeVault.sealingKey(new Uint8Array(32).fill(7));
const context = { to: "gateway", gateway: "g", check_in: "c" } as const;

Deno.test("a voice that was sealed and opened chooses as the one before did", () => {
  const sent = [1, 4].map((voice) => {
    const sealed = sealVoice(nodeVault, key.publicKey, context, enrolledTone(voice));
    assert.ok(sealedVoice.parse(sealed), "it has room on the wire");
    const template = openVoice(nodeVault, key, context, sealed);
    assert.ok(template);
    return { visit: `v${voice}`, template };
  });
  const digits = [3, 1, 8, 5];
  const verdict = judgeAnswer(spoken(4, digits, "sealed"), { kind: "digits", digits }, sent);
  assert.equal(verdict.outcome === "chosen" && verdict.visit, "v4");
});

Deno.test("another receiver, another context or a changed byte opens nothing", () => {
  const sealed = sealVoice(nodeVault, key.publicKey, context, enrolledTone(1));
  const other = nodeVault.sealingKey(new Uint8Array(32).fill(8));
  assert.equal(openVoice(nodeVault, other, context, sealed), undefined);
  assert.equal(openVoice(nodeVault, key, { ...context, check_in: "d" }, sealed), undefined);
  assert.equal(openVoice(nodeVault, key, context, { ...sealed, version: 2 }), undefined);
  const { enc, ciphertext } = sealed.sealed;
  const bent = `${ciphertext[0] === "A" ? "B" : "A"}${ciphertext.slice(1)}`;
  const changed = { ...sealed, sealed: { enc, ciphertext: bent } };
  assert.equal(openVoice(nodeVault, key, context, changed), undefined);
});
