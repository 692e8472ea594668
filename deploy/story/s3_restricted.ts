/** S3: what is not for everybody waits for the issuer's word and the operator's eye. */
import assert from "node:assert/strict";
import { IssuerRefusal } from "../../runtime/sync/contract/port.ts";
import type { AgeQuestion } from "../../runtime/sync/contract/schemas.ts";
import { anotherKey, madeTrue, newAuthority } from "../issuer/testing/wallet.ts";
import type { Wallet } from "../phone/ages.ts";
import type { Sale, Shopper, Stage } from "./stage.ts";
import type { Tills } from "./tills.ts";
import { type Chapter, euros, type Story } from "./story.ts";
import { until } from "./waiting.ts";

const bread = { name: "Bread", amount_minor: 350 };
/** The till names the category; the country of the store says what it needs. */
const whisky = { name: "Whisky", amount_minor: 2_400, category: "spirits" };
const cream = { name: "Ointment", amount_minor: 900, needs: "prescription" };

const day_ms = 86_400_000;
const years_ago = (years: number) => {
  const now = new Date();
  return `${now.getUTCFullYear() - years}-01-01`;
};

/** Somebody brings a basket to lane 1, is tapped, and the lane has the issuer's word. */
async function brings(
  stage: Stage,
  shopper: Shopper,
  ...basket: readonly Parameters<Tills["ringsUp"]>[1][number][]
): Promise<Sale> {
  await stage.walksIn(shopper);
  stage.stands("1", shopper);
  const sale = await stage.till.ringsUp("1", basket);
  await stage.till.taps(sale, shopper);
  return await stage.till.comesTo(sale, "awaiting_eligibility");
}

const adult: Chapter = {
  title: "old enough: the issuer attests it, the operator confirms, the sale goes on",
  async play(stage, tell) {
    const ada = await stage.newShopper("Ada Quist", { birth_date: "1985-05-17" });
    const sale = await brings(stage, ada, bread, whisky);
    assert.deepEqual(sale.restricted, [
      { item: 1, name: "Whisky", needs: "age_over_18", eligible: true },
    ]);
    await tell("Whisky is in the basket. The issuer tells the lane: over 18. No date, no age.");
    await stage.till.decide(sale, "eligibility", { confirmed: true, operator: "olga" });
    const end = await stage.till.comesTo(sale, "captured");
    assert.equal((await stage.receiptOf(ada, end)).amount_minor, 2_750);
    const payment = await stage.actor(`payment/${sale.payment}`);
    assert.equal(payment?.context["eligibility_operator"], "olga");
    const told = await stage.history(`payment/${sale.payment}`);
    assert.ok(!told.includes("1985"), "a date of birth reached the store");
    await tell("Olga looks at the face and confirms; it is on record that she did.");
  },
};

const young: Chapter = {
  title: "too young: nobody can confirm it, the item is dropped and the sale goes on",
  async play(stage, tell) {
    const ben = await stage.newShopper("Ben Ode", { birth_date: years_ago(16) });
    const sale = await brings(stage, ben, bread, whisky);
    assert.equal(sale.restricted[0]?.eligible, false);
    await stage.till.refused(sale, "eligibility", { confirmed: true, operator: "olga" });
    await stage.till.refused(sale, "eligibility", { drop: [7], operator: "olga" });
    await tell("Ben is 16. Olga cannot overrule the issuer, and takes the whisky out.");
    await stage.till.decide(sale, "eligibility", { drop: [1], operator: "olga" });
    const end = await stage.till.comesTo(sale, "captured");
    assert.deepEqual(end.dropped, ["Whisky"]);
    assert.equal(end.charge_minor, 350);
    const receipt = await stage.receiptOf(ben, end);
    assert.equal(receipt.amount_minor, 350);
    assert.deepEqual(receipt.items.map(({ name }) => name), ["Bread"]);
    await tell(`He pays ${euros(350)} for the bread; the receipt has nothing else.`);
  },
};

const unknown: Chapter = {
  title: "nothing is known of the shopper: that is not old enough",
  async play(stage, tell) {
    const cyd = await stage.newShopper("Cyd Rao");
    const sale = await brings(stage, cyd, whisky);
    assert.equal(sale.restricted[0]?.eligible, false);
    await stage.till.decide(sale, "eligibility", { drop: [0], operator: "olga" });
    const end = await stage.till.comesTo(sale, "cancelled");
    assert.equal(end.reason, "nothing_left");
    assert.equal(await stage.inLedger(end), undefined);
    await tell("Cyd never proved an age. Without the whisky nothing is left: no sale, no charge.");
  },
};

const prescription: Chapter = {
  title: "another eligibility than an age goes the same way",
  async play(stage, tell) {
    const dan = await stage.newShopper("Dan Voss", { eligibilities: ["prescription"] });
    const sale = await brings(stage, dan, cream);
    assert.deepEqual(sale.restricted, [
      { item: 0, name: "Ointment", needs: "prescription", eligible: true },
    ]);
    await stage.till.decide(sale, "eligibility", { confirmed: true, operator: "olga" });
    await stage.till.comesTo(sale, "captured");
    await tell("Dan has a prescription: the issuer says that he has, and not for what else.");
  },
};

const walks_off: Chapter = {
  title: "the one who was attested walks off: the next one is asked about anew",
  async play(stage, tell) {
    const eve = await stage.newShopper("Eve Lund", { birth_date: "1970-01-01" });
    const finn = await stage.newShopper("Finn Aas", { birth_date: years_ago(16) });
    await stage.walksIn(finn);
    const sale = await brings(stage, eve, bread, whisky);
    await tell("Eve is old enough, and steps aside before Olga has confirmed. Finn steps up.");
    stage.stands("1", finn);
    await stage.till.taps(sale, finn);
    const again = await stage.till.comesTo(sale, "awaiting_eligibility");
    assert.equal(again.restricted[0]?.eligible, false);
    await stage.till.decide(sale, "cancellation", { operator: "olga" });
    await stage.till.comesTo(sale, "cancelled");
    await tell("Eve's age is not Finn's. Olga gives the sale up.");
  },
};

const search: Chapter = {
  title: "a store that searches for an age is told nothing",
  async play(stage, tell) {
    const gus = await stage.newShopper("Gus Holm", { birth_date: "1990-01-01" });
    const ages = [16, 18, 21, 25, 30, 40].map((age) => ({
      name: `Over ${age}`,
      amount_minor: 100,
      needs: `age_over_${age}`,
    }));
    const sale = await brings(stage, gus, ...ages);
    assert.ok(sale.restricted.every(({ eligible }) => !eligible));
    assert.match(sale.reason ?? "", /attestations_enough/);
    await stage.till.decide(sale, "cancellation", { operator: "olga" });
    await stage.till.comesTo(sale, "cancelled");
    await tell("A basket that asks for six ages at once gets no answer at all.");
  },
};

/** Documents of people in this story, by an authority that the issuer trusts. */
const authority = await newAuthority();

const refusedAs = (problem: string) => (error: unknown) =>
  error instanceof IssuerRefusal && error.problem === problem;

/** What the phone is asked for this sale. */
async function ageAskedOn({ name, events }: Shopper, { payment }: Sale): Promise<AgeQuestion> {
  return await until(`${name}'s phone is asked for an age`, () => {
    const asked = events.findLast((event) =>
      event.type === "age_asked" && event.question.payment === payment
    );
    return asked?.type === "age_asked" && asked.question;
  });
}

const proves: Chapter = {
  title: "the phone proves it by an identity document: for this sale, and nothing else is told",
  async play(stage, tell) {
    const hanna = await stage.newShopper("Hanna Lind");
    const document = await authority.issues({ age_over_18: true, age_over_21: true });
    const sale = await brings(stage, hanna, bread, whisky);
    assert.equal(sale.restricted[0]?.eligible, false);
    await stage.till.refused(sale, "eligibility", { confirmed: true, operator: "olga" });
    await tell("The issuer knows nothing of Hanna's age. Her phone is asked, for this sale.");
    const question = await ageAskedOn(hanna, sale);
    assert.deepEqual([question.need, question.store], ["age_over_18", "story-market"]);
    await hanna.phone.proveAge(question, document.present);
    const ready = await until("the lane has the issuer's word", async () => {
      const now = await stage.till.look(sale);
      return now.restricted[0]?.eligible === true && now.state === "awaiting_eligibility" && now;
    });
    await tell("Her wallet shows `age_over_18` and signs for this sale. The lane is told at once.");
    await stage.till.decide(ready, "eligibility", { confirmed: true, operator: "olga" });
    await stage.receiptOf(hanna, await stage.till.comesTo(sale, "captured"));
    for (const [path, bytes] of await stage.files()) {
      assert.ok(!bytes.includes("Quist"), `the document's name is in ${path}`);
    }
    const again = await brings(stage, hanna, whisky);
    assert.equal(again.restricted[0]?.eligible, false);
    await tell("Olga confirms. No file has anything of the document; the next whisky asks anew.");
    const next = await ageAskedOn(hanna, again);
    const old = await document.present(question);
    await assert.rejects(
      hanna.phone.proveAge(next, () => Promise.resolve(old)),
      refusedAs("age_proof_replayed"),
    );
    await stage.till.decide(again, "cancellation", { operator: "olga" });
    await stage.till.comesTo(again, "cancelled");
    await tell("What she signed for the first sale is worth nothing for the second.");
    await stage.leaves(hanna);
  },
};

const fails_to_prove: Chapter = {
  title: "forged, expired, copied, of a stranger or of somebody younger: each says which",
  async play(stage, tell) {
    const ivo = await stage.newShopper("Ivo Brandt");
    const sale = await brings(stage, ivo, bread, whisky);
    const question = await ageAskedOn(ivo, sale);
    const young = await authority.issues({ age_over_16: true, age_over_18: false });
    const old = { from_ms: Date.now() - 30 * day_ms, until_ms: Date.now() - day_ms };
    const expired = await authority.issues({ age_over_18: true }, old);
    const adult = await authority.issues({ age_over_18: true });
    const stranger = await (await newAuthority()).issues({ age_over_18: true });
    const key = await anotherKey();
    const wallets: [string, Wallet][] = [
      ["age_proof_under", young.present],
      ["age_proof_expired", expired.present],
      ["age_proof_untrusted", stranger.present],
      ["age_proof_device_wrong", (asked) => adult.present(asked, { key })],
      ["age_proof_missing", (asked) => young.present(asked, { discloses: "age_over_16" })],
      ["age_proof_forged", async (asked) => {
        const { wallet_nonce, response } = await young.present(asked);
        return { wallet_nonce, response: madeTrue(response) };
      }],
    ];
    for (const [problem, wallet] of wallets) {
      await assert.rejects(ivo.phone.proveAge(question, wallet), refusedAs(problem), problem);
    }
    await stage.till.refused(sale, "eligibility", { confirmed: true, operator: "olga" });
    await stage.till.decide(sale, "eligibility", { drop: [1], operator: "olga" });
    await stage.till.comesTo(sale, "captured");
    await tell("Six documents that prove nothing, each refused by name. Ivo pays for the bread.");
  },
};

export const restricted: Story = {
  name: "S3",
  title: "Restricted goods and services",
  chapters: [adult, young, unknown, prescription, walks_off, search, proves, fails_to_prove],
  stage: { ageAuthorities: authority.pem },
};
