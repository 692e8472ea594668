/** S2: a shopper asks at the lane for a change of account data; the lane's camera takes a face, the
 * issuer compares it, and only a face that is near enough changes anything. */
import assert from "node:assert/strict";
import { realClock } from "../../runtime/main.ts";
import { sleep, until } from "./waiting.ts";
import type { Chapter, Story } from "./story.ts";

const cooling_s = 3;

const applied: Chapter = {
  title: "the face is the account's own: applied, and the phone is told",
  async play(stage, tell) {
    const ana = await stage.newShopper("Ana Silva");
    await stage.walksIn(ana);
    stage.stands("1", ana);
    const address = "7 Quay Street, Harbourtown";
    const asked = await stage.till.asksToChange("1", ana, { what: "address", address });
    await tell("Ana has moved. The operator keys the address; the camera looks, from now on.");
    const end = await stage.till.changeEnds("1", asked);
    assert.deepEqual([end.state, end.reason], ["applied", ""]);
    assert.equal((await ana.phone.accountShown()).address, address);
    const news = await until("the phone is told", () => {
      const found = ana.events.find((event) => event.type === "account_change");
      return found?.type === "account_change" && found.change;
    });
    assert.deepEqual(news.wanted, { what: "address", address });
    assert.equal(news.merchant_name, "Story Market");
    await tell("The issuer compared the face with its own template. Her phone says what changed.");
    const history = await stage.history(`change/${asked.change}`);
    assert.doesNotMatch(history, /Quay Street/);
    const again = await stage.till.asksToChange("1", ana, {
      what: "address",
      address: "1 Hill Road",
    });
    await stage.till.changeEnds("1", again);
    await ana.phone.undoChange(news.change).then(
      () => assert.fail("it was changed again since"),
      (error: unknown) => assert.match(String(error), /change_over/),
    );
    await tell("The store's history does not show the address.");
  },
};

const cooled: Chapter = {
  title: "what could do harm waits, and its owner can stop it",
  async play(stage, tell) {
    const ben = await stage.newShopper("Ben Ode");
    await stage.walksIn(ben);
    stage.stands("1", ben);
    const instrument = "test_ok_2";
    const first = await stage.till.asksToChange("1", ben, { what: "instrument", instrument });
    const waits = await stage.till.changeEnds("1", first);
    assert.equal(waits.state, "applied");
    assert.ok(waits.effective_at_ms! > realClock.now_ms(), "it takes effect later");
    assert.equal((await ben.phone.accountShown()).instrument, "test_ok");
    const [news] = await ben.phone.accountChanges();
    assert.equal(news?.state, "waiting");
    await ben.phone.undoChange(news!.change);
    await sleep((cooling_s + 2) * 1000);
    assert.equal((await ben.phone.accountShown()).instrument, "test_ok");
    await tell("A new card waits before it is charged. Ben says on the phone that it was not him.");

    const second = await stage.till.asksToChange("1", ben, { what: "instrument", instrument });
    await stage.till.changeEnds("1", second);
    await until(
      "the time is over",
      async () => (await ben.phone.accountShown()).instrument === instrument,
    );
    const [applied] = await ben.phone.accountChanges();
    assert.equal(applied?.state, "applied");
    await ben.phone.undoChange(applied!.change);
    assert.equal((await ben.phone.accountShown()).instrument, "test_ok");
    await tell("Nobody stops the second: it takes effect, and can still be taken back.");
  },
};

const refused: Chapter = {
  title: "another face: refused, counted, and locked after three",
  async play(stage, tell) {
    const cem = await stage.newShopper("Cem Kaya");
    const eve = await stage.newShopper("Eve Moss");
    await stage.walksIn(cem);
    stage.stands("1", eve);
    const wanted = { what: "phone", phone: "+4930123456" };
    for (const left of [2, 1, 0]) {
      const end = await stage.till.changeEnds("1", await stage.till.asksToChange("1", cem, wanted));
      assert.deepEqual([end.state, end.reason, end.tries_left], ["refused", "face_differs", left]);
    }
    await tell("Eve says that she is Cem. Three times the issuer sees another face.");
    stage.stands("1", cem);
    const end = await stage.till.changeEnds("1", await stage.till.asksToChange("1", cem, wanted));
    assert.deepEqual([end.state, end.reason], ["refused", "changes_locked"]);
    assert.equal((await cem.phone.accountShown()).phone, null);
    const told = await cem.phone.accountChanges();
    assert.deepEqual(told.map(({ state, reason }) => [state, reason]), [
      ["refused", "face_differs"],
      ["refused", "face_differs"],
      ["refused", "face_differs"],
    ]);
    await tell("Now nobody changes anything there for a day, and Cem's phone shows each try.");
  },
};

const nobody: Chapter = {
  title: "nobody steps up, or it is given up: nothing changes",
  async play(stage, tell) {
    const dora = await stage.newShopper("Dora Lang");
    await stage.walksIn(dora);
    stage.stands("1", null);
    const wanted = { what: "email", email: "dora@example.org" };
    const asked = await stage.till.asksToChange("1", dora, wanted);
    await stage.till.cancelsChange("1", asked);
    const end = await stage.till.changeEnds("1", asked);
    assert.deepEqual([end.state, end.reason], ["withdrawn", "cancelled"]);
    stage.stands("1", dora);
    await sleep(500);
    assert.equal((await dora.phone.accountShown()).email, null);
    assert.deepEqual(await dora.phone.accountChanges(), []);
    await tell("Dora changes her mind. Her face comes too late for what was withdrawn.");
  },
};

const turned: Chapter = {
  title: "who may be a film turns the head as the display asks; a film changes nothing",
  async play(stage, tell) {
    const fay = await stage.newShopper("Fay Nor");
    await stage.walksIn(fay);
    stage.maybeFilmed("1", fay);
    const wanted = { what: "email", email: "fay@example.org" };
    const asked = await stage.till.asksToChange("1", fay, wanted);
    await stage.asksToTurn("1");
    await tell("The camera cannot tell that she is no film. The display asks her to turn.");
    await stage.turnsHead("1");
    const end = await stage.till.changeEnds("1", asked);
    assert.equal(end.state, "applied");

    stage.maybeFilmed("1", fay);
    const theirs = await stage.till.asksToChange("1", fay, { what: "phone", phone: "+49301234" });
    for (let tries = 0; tries < 3; tries++) {
      await stage.asksToTurn("1");
      await stage.turnsHead("1", true);
    }
    const none = await stage.till.changeEnds("1", theirs);
    assert.deepEqual([none.state, none.reason], ["withdrawn", "no_face"]);
    stage.stands("1", null);
    await tell("Somebody holds up a film of her that turns as it likes. Three tries, no change.");
  },
};

const faceless: Chapter = {
  title: "who gave no face cannot be known by one",
  async play(stage, tell) {
    const emil = await stage.newShopper("Emil Roth", { enrolled: false });
    stage.air.hear(emil.phone);
    await until("Emil is here", async () => {
      const visit = emil.phone.checkIn;
      const state = visit && (await stage.actor(`visit/${visit}`))?.state;
      return state !== undefined;
    });
    const visit = emil.phone.checkIn!;
    assert.notEqual((await stage.actor(`visit/${visit}`))?.state, "left");
    const gateway = await stage.office.asGateway();
    await assert.rejects(
      gateway.call("beginChange", {
        body: {
          change: "direct-1",
          check_in: visit,
          lane: "1",
          operator: "olga",
          wanted: { what: "address", address: "1 Hill Road" },
        },
      }),
      /template_missing/,
    );
    await tell("Emil never enrolled. The issuer has nothing to compare with, and says so.");
  },
};

export const account_change: Story = {
  name: "S2",
  title: "Account change at the POS",
  stage: { issuer: ["--cooling", String(cooling_s)] },
  chapters: [applied, cooled, refused, nobody, turned, faceless],
};
