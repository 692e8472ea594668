/** Identity documents: one that proves an age, and each way in which one does not. */
import assert from "node:assert/strict";
import type { AgeSession } from "./age_proofs.ts";
import { mdocAgeProofs } from "./mdoc.ts";
import { anotherKey, madeTrue, newAuthority, type TestDocument } from "./testing/wallet.ts";

const asked = { client_id: "saunter:key", response_uri: "saunter:sale/1", nonce: "n-1" };
const authority = await newAuthority();
const proofs = mdocAgeProofs(authority.pem);

async function faultOf(
  document: TestDocument,
  years = 18,
  more: {
    readonly presented?: Parameters<TestDocument["present"]>[1];
    readonly session?: Partial<AgeSession>;
    readonly forge?: (response: Uint8Array) => Uint8Array;
  } = {},
) {
  const need = `age_over_${years}`;
  const { wallet_nonce, response } = await document.present({ ...asked, need }, more.presented);
  const session = { ...asked, wallet_nonce, ...more.session };
  return await proofs.faultOf(more.forge?.(response) ?? response, session, years);
}

Deno.test("a document proves the age that it says, and those below", async () => {
  const document = await authority.issues({ age_over_18: true, age_over_21: true });
  assert.equal(await faultOf(document, 18), undefined);
  assert.equal(await faultOf(document, 21), undefined);
  assert.equal(await faultOf(document, 18, { presented: { discloses: "age_over_21" } }), undefined);
});

Deno.test("a document of somebody younger, or that says nothing of this age", async () => {
  const young = await authority.issues({ age_over_16: true, age_over_18: false });
  assert.equal(await faultOf(young), "age_proof_under");
  assert.equal(
    await faultOf(young, 21, { presented: { discloses: "age_over_18" } }),
    "age_proof_under",
    "who is not over 18 is not over 21",
  );
  const silent = await faultOf(young, 18, { presented: { discloses: "age_over_16" } });
  assert.equal(silent, "age_proof_missing");
});

Deno.test("a value that was changed after the authority signed", async () => {
  const young = await authority.issues({ age_over_18: false });
  assert.equal(await faultOf(young, 18, { forge: madeTrue }), "age_proof_forged");
});

Deno.test("a document of an authority that is not trusted, of the same name", async () => {
  const other = await newAuthority();
  assert.equal(
    await faultOf(await other.issues({ age_over_18: true })),
    "age_proof_untrusted",
  );
  const { wallet_nonce, response } = await (await other.issues({ age_over_18: true }))
    .present({ ...asked, need: "age_over_18" });
  const both = mdocAgeProofs(authority.pem + other.pem);
  assert.equal(await both.faultOf(response, { ...asked, wallet_nonce }, 18), undefined);
});

Deno.test("a document that was valid, and one that will be", async () => {
  const day_ms = 86_400_000;
  const now_ms = Date.now();
  for (const [from, until] of [[-30, -1], [1, 30]] as const) {
    const valid = { from_ms: now_ms + from * day_ms, until_ms: now_ms + until * day_ms };
    const document = await authority.issues({ age_over_18: true }, valid);
    assert.equal(await faultOf(document), "age_proof_expired");
  }
});

Deno.test("a copy without the document's key, and what was signed for something else", async () => {
  const document = await authority.issues({ age_over_18: true });
  const stolen = { presented: { key: await anotherKey() } };
  assert.equal(await faultOf(document, 18, stolen), "age_proof_device_wrong");
  const sessions: Partial<AgeSession>[] = [
    { nonce: "n-2" },
    { response_uri: "saunter:sale/2" },
    { client_id: "saunter:another" },
    { wallet_nonce: "another" },
  ];
  for (const session of sessions) {
    assert.equal(await faultOf(document, 18, { session }), "age_proof_device_wrong");
  }
});

Deno.test("what is no document is said to be none, whatever it is", async () => {
  const document = await authority.issues({ age_over_18: true });
  const { wallet_nonce, response } = await document.present({ ...asked, need: "age_over_18" });
  const session = { ...asked, wallet_nonce };
  assert.equal(await proofs.faultOf(new Uint8Array(0), session, 18), "age_proof_unreadable");
  assert.equal(await proofs.faultOf(new Uint8Array(64), session, 18), "age_proof_unreadable");
  for (let at = 0; at < response.length; at += 37) {
    const cut = await proofs.faultOf(response.subarray(0, at), session, 18);
    assert.equal(cut, "age_proof_unreadable", `cut at ${at}`);
    const damaged = new Uint8Array(response);
    damaged[at] = ~damaged[at]! & 0xff;
    const fault = await proofs.faultOf(damaged, session, 18);
    assert.notEqual(fault, undefined, `damaged at ${at}`);
  }
});

Deno.test("a file without certificates is no list of authorities", () => {
  assert.throws(() => mdocAgeProofs("nobody"), { kind: "usage" });
});
