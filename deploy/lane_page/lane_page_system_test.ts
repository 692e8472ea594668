/**
 * The operator's page of a lane in a real Chromium, before a gateway and an issuer that are
 * processes of their own. Needs Chromium.
 */
import assert from "node:assert/strict";
import { Stage } from "../story/stage.ts";
import { isChromium, PageOperator } from "./page_operator.ts";

Deno.test({
  name: "an operator decides everything at the lane's page, and sees what was refused afterwards",
  ignore: !isChromium("the operator's page"),
  async fn() {
    const pictures = Deno.env.get("PICTURES") ?? await Deno.makeTempDir({ prefix: "lane-page-" });
    await using stage = await Stage.open();
    const ana = await stage.newShopper("Ana Silva", { birth_date: `${thisYear() - 17}-01-01` });
    const poor = { instrument: "test_insufficient_funds" };
    const bea = await stage.newShopper("Bea Stern", poor);
    await stage.walksIn(ana);
    stage.stands("4", ana);
    const sale = await stage.till.ringsUp("4", [
      { name: "Bread", amount_minor: 350 },
      { name: "Lager", amount_minor: 549, category: "beer_wine" },
      { name: "Rum", amount_minor: 1_499, category: "spirits" },
    ]);
    await using operator = new PageOperator("drive.js", `${origin(stage)}/lane/4`, pictures);
    await operator.comesTo("signed_in");

    const { asked, mayConfirm, left } = await operator.comesTo("eligibility");
    assert.match(String(asked), /Is this Ana \(AS\), and may they have it\?/);
    assert.match(String(asked), /Lager 16 or older.*attests.*Rum 18 or older.*not attested/);
    assert.equal(mayConfirm, false);
    assert.equal(left, "", "what was keyed does not stay on the page");

    const { offered, told } = await operator.comesTo("refunded");
    assert.equal(offered, "8.99");
    assert.match(String(told), /refunded.*1\.50.*one was broken/);
    const end = await stage.till.look(sale);
    assert.deepEqual([end.state, end.charge_minor, end.dropped], ["captured", 899, ["Rum"]]);
    assert.equal((await stage.inLedger(sale))?.refunded_minor, 150);

    await stage.walksIn(bea);
    await stage.issuerGoes();
    stage.stands("4", bea);
    const late = await stage.till.ringsUp("4", [{ name: "Bread", amount_minor: 350 }]);
    await stage.till.comesTo(late, "awaiting_answer");
    await stage.till.decide(late, "answer", { kind: "initials", answer: "BS" });
    await stage.till.comesTo(late, "accepted_offline");
    await stage.issuerReturns();
    const refused = await operator.comesTo("late");
    assert.match(String(refused["told"]), /Not charged after all.*3\.50/);
    for (let address = 0; address < 2; address++) {
      assert.equal((await operator.comesTo("debug"))["heading"], "lane/4");
    }
    await operator.leaves();
  },
});

const thisYear = () => new Date().getUTCFullYear();
const origin = (stage: Stage) => `http://127.0.0.1:${stage.config.http.port}`;
