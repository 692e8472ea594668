/** S5: several people could be meant; what one of them keys or says tells which. */
import assert from "node:assert/strict";
import type { Sale, Shopper, Stage } from "./stage.ts";
import { type Chapter, type Story } from "./story.ts";

const tea = { name: "Tea", amount_minor: 420 };
const secret = "seven herons over the weir";

/** Two whom no camera can tell apart are in the store; one of them stands at lane 3. */
async function twins(stage: Stage, names: readonly [string, string]): Promise<{
  first: Shopper;
  second: Shopper;
  sale: Sale;
}> {
  const first = await stage.newShopper(names[0], { phrase: secret });
  const second = await stage.newShopper(names[1], { phrase: "a kettle of green tea", twin: first });
  await stage.walksIn(first);
  await stage.walksIn(second);
  stage.stands("3", first);
  const sale = await stage.till.ringsUp("3", [tea]);
  return { first, second, sale: await stage.till.comesTo(sale, "awaiting_answer") };
}

const initials: Chapter = {
  title: "twins at an automatic lane: the initials that are keyed tell which one pays",
  async play(stage, tell) {
    const { first, second, sale } = await twins(stage, ["Una Frei", "Ole Frei"]);
    await tell("Una and Ole have one face. The lane charges neither, and asks for initials.");
    await stage.till.decide(sale, "answer", { kind: "initials", answer: "o.f." });
    const end = await stage.till.comesTo(sale, "captured");
    const entry = await stage.inLedger(end);
    assert.equal(entry?.account, second.account);
    const payment = await stage.actor(`payment/${sale.payment}`);
    assert.equal((payment?.context["evidence"] as { challenge?: string }).challenge, "initials");
    assert.ok(first.events.every(({ type }) => type !== "receipt"));
    await tell("O F is keyed: Ole pays. Face and answer together are the evidence.");
  },
};

const phrase: Chapter = {
  title: "twins with the same initials: only the phrase tells them apart, and is kept nowhere",
  async play(stage, tell) {
    const { first, sale } = await twins(stage, ["Kim Blau", "Kai Blau"]);
    await stage.till.decide(sale, "answer", { kind: "initials", answer: "KB" });
    const again = await stage.till.comesTo(sale, "awaiting_answer");
    assert.equal(again.reason, "answer_unchecked");
    await tell("Both are K B: that tells nobody apart, and counts for nothing.");
    await stage.till.decide(sale, "answer", {
      kind: "phrase",
      answer: `  ${secret.toUpperCase()} `,
    });
    const end = await stage.till.comesTo(sale, "captured");
    assert.equal((await stage.inLedger(end))?.account, first.account);
    for (const [path, bytes] of await stage.files()) {
      for (const said of [secret, secret.toUpperCase()]) {
        assert.ok(!bytes.includes(said), `what was said is in ${path}`);
      }
    }
    assert.ok(!(await stage.history(`payment/${sale.payment}`)).includes("HERONS"));
    await tell("The phrase is Kim's. The issuer compared it; it is in no file, here or there.");
  },
};

const wrong: Chapter = {
  title: "three wrong answers end in another way to pay",
  async play(stage, tell) {
    const { sale } = await twins(stage, ["Lea Wulf", "Leo Wulf"]);
    for (const answer of ["XX", "YY"]) {
      await stage.till.decide(sale, "answer", { kind: "initials", answer });
      assert.equal((await stage.till.comesTo(sale, "awaiting_answer")).reason, "answer_wrong");
    }
    await stage.till.decide(sale, "answer", { kind: "phrase", answer: "open sesame" });
    const end = await stage.till.comesTo(sale, "cancelled");
    assert.equal(end.reason, "challenge_failed");
    assert.equal(await stage.inLedger(end), undefined);
    await tell("Three wrong ones: the lane gives up, and nobody was asked for money.");
  },
};

/** Twins with voices of their own before lane 5, which listens. */
async function heard(stage: Stage, names: readonly [string, string]) {
  const first = await stage.newShopper(names[0], { voice: 1 });
  const second = await stage.newShopper(names[1], { voice: 4, twin: first });
  await stage.walksIn(first);
  await stage.walksIn(second);
  stage.stands("5", first);
  const sale = await stage.till.comesTo(await stage.till.ringsUp("5", [tea]), "awaiting_answer");
  return { first, second, sale, digits: await stage.prompted("5") };
}

const aloud: Chapter = {
  title: "the digits that the lane shows are said aloud: the voice tells which of the twins pays",
  async play(stage, tell) {
    const { first, second, sale, digits } = await heard(stage, ["Ivo Lenz", "Ida Lenz"]);
    await tell(`Lane 5 shows ${digits.join(" ")}, and listens.`);
    stage.says(4, digits, "at the till");
    const end = await stage.till.comesTo(sale, "captured");
    assert.equal((await stage.inLedger(end))?.account, second.account);
    const payment = await stage.actor(`payment/${sale.payment}`);
    assert.equal((payment?.context["evidence"] as { challenge?: string }).challenge, "digits");
    assert.ok(!(await stage.history(`payment/${sale.payment}`)).includes(digits.join(",")));
    await stage.leaves(first);
    await stage.leaves(second);
    stage.stands("5", null);
    await tell("Ida says them, and Ida pays. What was said is kept nowhere.");
  },
};

const replayed: Chapter = {
  title: "a recording of the answer before says the wrong digits; three such end the sale",
  async play(stage, tell) {
    const { first, second, sale, digits } = await heard(stage, ["Udo Thal", "Uta Thal"]);
    const old = [...digits.slice(1), digits[0]!];
    stage.says(4, old, "a recording");
    const again = await stage.prompted("5", digits);
    assert.equal((await stage.till.look(sale)).reason, "answer_wrong");
    await tell(`${old.join(" ")} was another prompt's. The lane shows ${again.join(" ")} now.`);
    stage.says(4, digits, "a recording");
    const third = await stage.prompted("5", again);
    stage.says(4, again, "a recording");
    const end = await stage.till.comesTo(sale, "cancelled");
    assert.equal(end.reason, "challenge_failed");
    assert.equal(await stage.inLedger(sale), undefined);
    assert.notDeepEqual(third, again);
    await stage.leaves(first);
    await stage.leaves(second);
    stage.stands("5", null);
    await tell("Each time other digits: recordings of earlier answers are of no use.");
  },
};

const gone: Chapter = {
  title: "one of them leaves the store: nothing need be asked any more",
  async play(stage, tell) {
    const { first, second, sale } = await twins(stage, ["Mia Zorn", "Max Zorn"]);
    await stage.leaves(second);
    const end = await stage.till.comesTo(sale, "captured");
    assert.equal((await stage.inLedger(end))?.account, first.account);
    await tell("Max checks out. Only Mia can be meant now, and the lane goes on by itself.");
  },
};

const everybody: Chapter = {
  title: "a lane may want an answer of everybody, and a tap is none",
  async play(stage, tell) {
    const nia = await stage.newShopper("Nia Opel");
    const visit = await stage.walksIn(nia);
    stage.stands("4", nia);
    const sale = await stage.till.comesTo(await stage.till.ringsUp("4", [tea]), "awaiting_answer");
    await stage.till.refused(sale, "selection", { visit, operator: "olga" });
    await stage.till.decide(sale, "answer", { kind: "initials", answer: "NO" });
    await stage.till.comesTo(sale, "captured");
    await tell("Nia is known beyond doubt, and keys her initials all the same.");
  },
};

export const challenge: Story = {
  name: "S5",
  title: "A challenge tells people apart",
  chapters: [initials, phrase, wrong, aloud, replayed, gone, everybody],
};
