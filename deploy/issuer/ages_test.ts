/** An age that the issuer does not know is proved from the phone: for one sale, once, and no more
 * is kept than that. */
import assert from "node:assert/strict";
import { toBase64url } from "../../runtime/vault/bytes.ts";
import { issuerLimits as limits } from "./limits.ts";
import { mdocAgeProofs } from "./mdoc.ts";
import { authorise } from "./testing/payments.ts";
import { comeIn, feedOf, refused, saleTo } from "./testing/stories.ts";
import { adminKey, newShopper, openShop, type Shopper, town } from "./testing/town.ts";
import { anotherKey, newAuthority, type TestDocument } from "./testing/wallet.ts";

const authority = await newAuthority();
const adult = await authority.issues({ age_over_18: true, age_over_21: true });
const need = "age_over_18";

async function scene(taken = true) {
  const place = await town(taken ? { ageProofs: mdocAgeProofs(authority.pem) } : {});
  const shop = await openShop(place);
  const ada = await newShopper(place, 1);
  const { check_in, tokens } = await comeIn(place, shop, ada, 3);
  const attest = async (payment = "p-1", needs = [need]) =>
    (await shop.client.call("attest", { body: { payment, check_in, needs } })).eligible;
  const asked = async (shopper: Shopper = ada) =>
    (await shopper.client.call("ageQuestions")).questions;
  const sell = (payment = "p-1", token = 0) =>
    authorise(shop, {
      ...saleTo(place, check_in, tokens[token] ?? "", payment),
      items: [{ name: "Whisky", quantity: 1, amount_minor: 1_250, needs: need }],
      confirmed_by: "olga",
    });
  return { place, shop, ada, attest, asked, sell };
}
type Question = Awaited<ReturnType<Awaited<ReturnType<typeof scene>>["asked"]>>[number];

async function presented(
  document: TestDocument,
  question: Question,
  otherwise?: Parameters<TestDocument["present"]>[1],
) {
  const { wallet_nonce, response } = await document.present(question, otherwise);
  return { nonce: question.nonce, wallet_nonce, response: toBase64url(response) };
}

const prove = (
  { client }: Shopper,
  body: Awaited<ReturnType<typeof presented>>,
) => client.call("proveAge", { body });

Deno.test("a proof counts for its sale: the store is told to ask again, and charges", async () => {
  const { place, shop, ada, attest, asked, sell } = await scene();
  assert.deepEqual(await attest(), []);
  assert.equal((await ada.client.call("receipts")).ages_asked, 1);
  const [question, ...more] = await asked();
  assert.ok(question && more.length === 0);
  assert.deepEqual([question.payment, question.need, question.store], ["p-1", need, "harbour"]);
  const before = await feedOf(place, shop);
  const proof = await presented(adult, question);
  assert.deepEqual(await prove(ada, proof), { payment: "p-1", need });
  assert.deepEqual(await prove(ada, proof), { payment: "p-1", need }, "its answer was lost");
  const told = (await feedOf(place, shop, before.at(-1)?.sequence)).map(({ body }) => body);
  assert.deepEqual(told, [{ type: "eligibility.proved", payment: "p-1" }]);
  assert.deepEqual(await attest(), [need]);
  assert.deepEqual(await asked(), []);
  assert.equal((await sell()).outcome, "authorised");
  const other = await sell("p-2", 1);
  assert.deepEqual(other, { outcome: "declined", reason: "not_eligible" }, "for one sale alone");
  assert.deepEqual(await attest("p-2"), []);
});

Deno.test("nothing of the document is kept", async () => {
  const { place, ada, attest, asked } = await scene();
  await attest();
  const [question] = await asked();
  assert.ok(question);
  await prove(ada, await presented(adult, question));
  const { tables } = place.store;
  assert.equal(tables.eligibility.get(ada.account), undefined);
  const rows = tables.age_question.all("of_account", [ada.account]);
  assert.deepEqual(rows.map((row) => Object.keys(row).sort()), [[
    ...["account", "asked_at_ms", "check_in", "expires_ms", "need"],
    ...["nonce", "payment", "proved", "store"],
  ]]);
  assert.ok(!place.logged.join().includes("Quist"));
  await ada.client.call("eraseAccount");
  assert.deepEqual(tables.age_question.all("of_account", [ada.account]), []);
});

Deno.test("what was signed for another sale, or by another key, is told apart", async () => {
  const { place, ada, attest, asked } = await scene();
  await attest("p-1");
  await attest("p-2");
  const questions = await asked();
  const [first, second] = ["p-1", "p-2"].map((sale) =>
    questions.find(({ payment }) => payment === sale)
  );
  assert.ok(first && second);
  const proof = await presented(adult, first);
  await refused(prove(ada, { ...proof, nonce: second.nonce }), "age_proof_replayed");
  await prove(ada, proof);
  await refused(prove(ada, { ...proof, nonce: second.nonce }), "age_proof_replayed");
  const stolen = await presented(adult, second, { key: await anotherKey() });
  await refused(prove(ada, stolen), "age_proof_device_wrong");
  const ben = await newShopper(place, 2);
  await refused(prove(ben, await presented(adult, second)), "age_question_unknown");
  assert.deepEqual(await attest("p-2"), []);
});

Deno.test("each fault has a name, and none makes anybody older", async () => {
  const { ada, attest, asked } = await scene();
  await attest();
  const [question] = await asked();
  assert.ok(question);
  const young = await authority.issues({ age_over_16: true, age_over_18: false });
  const other = await (await newAuthority()).issues({ age_over_18: true });
  await refused(prove(ada, await presented(young, question)), "age_proof_under");
  await refused(prove(ada, await presented(other, question)), "age_proof_untrusted");
  const silent = await presented(young, question, { discloses: "age_over_16" });
  await refused(prove(ada, silent), "age_proof_missing");
  const proof = await presented(adult, question);
  await refused(prove(ada, { ...proof, response: "AAAA" }), "age_proof_unreadable");
  assert.deepEqual(await attest(), []);
  assert.deepEqual((await asked()).map(({ nonce }) => nonce), [question.nonce], "still open");
});

Deno.test("a question ends, and the next time it is asked it has another nonce", async () => {
  const { place, ada, attest, asked } = await scene();
  await attest();
  const [first] = await asked();
  assert.ok(first);
  const proof = await presented(adult, first);
  await place.clock.advance(limits.age_question_ms);
  await refused(prove(ada, proof), "age_question_over");
  assert.deepEqual(await asked(), []);
});

Deno.test("only ages are asked, and only where an authority is trusted", async () => {
  const { attest, asked } = await scene();
  await attest("p-1", ["prescription"]);
  assert.deepEqual(await asked(), []);
  const young = await scene();
  const body_young = { birth_date: "2020-01-01", eligibilities: [] };
  const path = { account: young.ada.account };
  await young.place.admin.call("setEligibility", { bearer: adminKey, path, body: body_young });
  await young.attest();
  assert.deepEqual(await young.asked(), [], "the issuer knows it better");
  const without = await scene(false);
  await without.attest();
  assert.deepEqual(await without.asked(), []);
  const body = { nonce: "AAAA", wallet_nonce: "w", response: "AAAA" };
  await refused(prove(without.ada, body), "age_proofs_untaken");
});
