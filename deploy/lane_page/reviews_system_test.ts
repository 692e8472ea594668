/**
 * The page of carts that wait for a person, on a phone's screen in a real Chromium, before a
 * gateway, an issuer and a retailer that are processes of their own. Needs Chromium.
 */
import assert from "node:assert/strict";
import { sampleCatalogue } from "../retailer/catalogue.ts";
import { priceOf } from "../retailer/pricing.ts";
import { Aisle } from "../story/aisle.ts";
import { Stage } from "../story/stage.ts";
import { isChromium, PageOperator } from "./page_operator.ts";

const productOf = (sku: string) => sampleCatalogue.products.find((one) => one.sku === sku)!;

Deno.test({
  name: "a cart is corrected on a phone by the keyboard, with what nobody saw, and is paid so",
  ignore: !isChromium("the page of carts to look at"),
  async fn() {
    const pictures = Deno.env.get("PICTURES") ?? await Deno.makeTempDir({ prefix: "reviews-" });
    await using stage = await Stage.open({ aisle: true });
    const aisle = await Aisle.open(stage);
    const gil = await stage.newShopper("Gil Moreau");
    await aisle.signUp(gil);
    const { trip, track } = await aisle.enters(gil);
    await aisle.takes(track, "COF-01", 1);
    await aisle.understood(trip, "COF-01");
    await stage.services.killGateway();
    aisle.lifts("COF-01", 1);
    assert.ok(await stage.services.startGateway());
    await aisle.rests();
    await aisle.leaves(trip, track);
    await aisle.comesTo(trip, "in_review");

    const url = `http://127.0.0.1:${stage.config.http.port}/aisle/`;
    await using operator = new PageOperator("review.js", url, pictures);
    await aisle.goesThrough();
    await operator.comesTo("slipped");
    const { kept, wide, sheet, shown } = await operator.comesTo("looked");
    assert.equal(kept, "Units of Coffee beans", "the page's looks for news leave the field alone");
    assert.ok(Number(wide) <= 0 && Number(sheet) <= 0, `${wide}, ${sheet}: wider than the screen`);
    assert.match(String(shown), /tracker forgot/i);
    assert.match(String(shown), /left \d+ s ago/, "by the gateway's clock");
    const { blank, waiting } = await operator.comesTo("blank");
    assert.deepEqual([blank, waiting], [true, 1], "an empty field is no number");
    await operator.comesTo("decided");
    await operator.leaves();
    const cart = await aisle.comesTo(trip, "paid");
    const taken = [["COF-01", 2], ["CHO-01", 1]] as const;
    assert.deepEqual(
      cart.lines.map(({ gtin, units }) => [gtin, units]),
      taken.map(([sku, units]) => [productOf(sku).gtin, units]),
    );
    const lines = taken.map(([sku, units]) => ({ product: productOf(sku), units }));
    assert.equal(cart.amount_minor, priceOf(sampleCatalogue, lines).total_minor);
  },
});
