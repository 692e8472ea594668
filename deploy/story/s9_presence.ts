/** S9: first the beacon's hardware, then fresh codes keep a presence alive; what may be done for a
 * shopper follows it, and ends with it. */
import assert from "node:assert/strict";
import { sleep, until } from "./waiting.ts";
import type { Chapter, Story } from "./story.ts";

const tea = { name: "Tea", amount_minor: 420 };
const lease_ms = 4_000;
const stay_ms = 6_000;

const hardware: Chapter = {
  title: "the hardware alone is met: the issuer knows, and no store does",
  async play(stage, tell) {
    const ana = await stage.newShopper("Ana Silva");
    const heard_at_ms = Date.now();
    ana.phone.hear({ hardware_id: "story-b1", code: "", rssi_dbm: -60, heard_at_ms });
    const check_in = await until("checked in", () => ana.phone.checkIn);
    await tell("Ana's phone has met the beacon's hardware, and no code yet. It checks in.");
    await sleep(600);
    assert.equal(await stage.actor(`visit/${check_in}`), undefined);
    stage.stands("1", ana);
    const sale = await stage.till.ringsUp("1", [tea]);
    await sleep(300);
    assert.equal((await stage.till.look(sale)).state, "awaiting_candidates");
    await tell("The gateway has not heard of her: the camera sees a stranger.");
    assert.equal(await stage.walksIn(ana), check_in);
    await stage.till.taps(sale, ana);
    await stage.till.comesTo(sale, "captured");
    await tell("The first fresh code makes her present, with the same check-in: she can pay.");
    await stage.leaves(ana);
  },
};

const renewed: Chapter = {
  title: "each fresh code renews; the phone has every one of them on record",
  async play(stage, tell) {
    const bea = await stage.newShopper("Bea Stern");
    const check_in = await stage.walksIn(bea);
    await sleep(lease_ms + 500);
    assert.equal((await stage.actor(`visit/${check_in}`))?.state, "present");
    const kept = bea.events.filter(({ type }) => type === "renewed");
    assert.ok(kept.length >= 3, `${kept.length} renewals`);
    await tell(
      `A lease and more has passed, and ${kept.length} fresh codes: Bea is still present.`,
    );
    await stage.leaves(bea);
    await until(
      "she has left",
      async () => (await stage.actor(`visit/${check_in}`))?.state === "left",
    );
    const { context } = (await stage.actor(`visit/${check_in}`))!;
    assert.deepEqual([context["first_name"], context["initials"]], ["", ""]);
    await tell("She says goodbye: her name is gone from the store at once.");
  },
};

const fading: Chapter = {
  title: "nothing renews: present, fading, and gone, with what goes with each",
  async play(stage, tell) {
    const cem = await stage.newShopper("Cem Kaya");
    const check_in = await stage.walksIn(cem);
    const state = async () => (await stage.actor(`visit/${check_in}`))?.state;
    stage.air.forget(cem.phone);
    stage.stands("1", cem);
    await until("he fades", async () => await state() === "fading");
    await tell("Cem's phone is deep in a bag and hears nothing. He fades, and may still pay.");
    const sale = await stage.till.ringsUp("1", [tea]);
    await stage.till.taps(sale, cem);
    await stage.till.comesTo(sale, "captured");
    await until("he is gone", async () => await state() === "left");
    const again = await stage.till.ringsUp("1", [tea]);
    await sleep(300);
    assert.equal((await stage.till.look(again)).state, "awaiting_candidates");
    await stage.till.decide(again, "cancellation", { operator: "olga" });
    await tell("The lease is over: the camera's template is wiped, and he is a stranger again.");
  },
};

const entered: Chapter = {
  title: "checked in without a face: entered, and no charge",
  async play(stage, tell) {
    const dora = await stage.newShopper("Dora Lang", { enrolled: false });
    stage.air.hear(dora.phone);
    const check_in = await until("checked in", () => dora.phone.checkIn);
    await until(
      "entered",
      async () => (await stage.actor(`visit/${check_in}`))?.state === "entered",
    );
    stage.stands("2", dora);
    const sale = await stage.till.ringsUp("2", [tea]);
    await sleep(300);
    assert.equal((await stage.till.look(sale)).state, "awaiting_candidates");
    await stage.till.decide(sale, "cancellation", { operator: "olga" });
    await stage.leaves(dora);
    await tell("Dora never enrolled a face. She is there, and no camera can know her.");
  },
};

const ghost: Chapter = {
  title: "a phone that was left behind stops being there",
  async play(stage, tell) {
    const emil = await stage.newShopper("Emil Roth");
    const check_in = await stage.walksIn(emil);
    await sleep(stay_ms);
    await until(
      "its stay is over",
      async () => (await stage.actor(`visit/${check_in}`))?.state === "left",
    );
    await until(
      "the phone is told",
      () => emil.events.some((event) => event.type === "refused" && /stay_over/.test(event.reason)),
    );
    assert.equal(emil.phone.checkIn, undefined);
    await tell(
      "Emil's phone lies in a car by the door and hears every code. No stay lasts so long.",
    );
  },
};

export const presence: Story = {
  name: "S9",
  title: "Repeated check-in",
  stage: { issuer: ["--rotation", "0", "--lease", "4", "--stay", "6"] },
  chapters: [hardware, renewed, fading, entered, ghost],
};
