/**
 * The issuer's page as a shopper's phone in a real Chromium: the code that it shows opens a gate,
 * before a gateway, an issuer and a retailer that are processes of their own. Needs Chromium.
 */
import assert from "node:assert/strict";
import { models } from "../enrol/testing.ts";
import { sampleCatalogue } from "../retailer/catalogue.ts";
import { priceOf } from "../retailer/pricing.ts";
import { entryPayload } from "../../runtime/sync/contract/schemas.ts";
import { fromBase64url } from "../../runtime/vault/bytes.ts";
import { readCode } from "../../runtime/perception/code_reader.ts";
import { Aisle } from "../story/aisle.ts";
import { Stage } from "../story/stage.ts";
import { until } from "../story/waiting.ts";
import { isChromium, PageOperator } from "./page_operator.ts";

const tea = sampleCatalogue.products.find(({ sku }) => sku === "TEA-01")!;

/** The code in a picture, as a gate's camera reads it. */
async function readIn(seen: unknown): Promise<string> {
  const { width, height, grey } = seen as { width: number; height: number; grey: number[] };
  const data = Uint8Array.from(grey);
  const code = await readCode(
    { format: "GREY", width, height, stride: width, data } as Parameters<typeof readCode>[0],
  );
  assert.ok(code, `no code in ${width} x ${height} pixels`);
  return code;
}

const payloadOf = (jws: string) =>
  entryPayload.parse(JSON.parse(new TextDecoder().decode(fromBase64url(jws.split(".")[1]!))));

Deno.test({
  name: "a browser is the phone: its code lets two in, its trip is paid, a line is given back",
  ignore: !isChromium("the shopper's page"),
  async fn() {
    const pictures = Deno.env.get("PICTURES") ?? await Deno.makeTempDir({ prefix: "pocket-" });
    const pages = ["--detector", models.detector, "--embedder", models.embedder];
    await using stage = await Stage.open({ aisle: true, issuer: pages });
    const aisle = await Aisle.open(stage);
    const url = `${stage.config.issuer.url}/enrol/phone/`;
    await using shopper = new PageOperator("pocket.js", url, pictures);

    const { seen, wide } = await shopper.comesTo("code");
    assert.ok(Number(wide) <= 0, `${wide} pixels wider than the screen`);
    const first = payloadOf(await readIn(seen));
    assert.equal(first.people, 2);
    await aisle.signUpAs(first.iss, "customer-ida");
    const another = await shopper.comesTo("another");
    const code = await readIn(another["seen"]);
    assert.notEqual(payloadOf(code).jti, first.jti, "a new one is drawn by itself");

    const { entry, state, last } = await aisle.shows(code);
    assert.equal(state, "open", String(last?.reason));
    const [track, child] = [await aisle.goesThrough(), await aisle.goesThrough()];
    await until("a cart is there", async () => (await aisle.cart(entry)).state === "shopping");
    await aisle.takes(track, tea.sku, 2);
    await aisle.understood(entry, tea.sku);
    for (const one of [track, child]) await aisle.leaves(entry, one);
    const cart = await aisle.comesTo(entry, "paid");
    const { total_minor } = priceOf(sampleCatalogue, [{ product: tea, units: 2 }]);
    assert.equal(cart.amount_minor, total_minor);

    assert.match(String((await shopper.comesTo("paid"))["told"]), /Paid: .*7\.47.*2 × Green tea/);
    assert.match(String((await shopper.comesTo("refused"))["said"]), /not so many/);
    await shopper.comesTo("disputed");
    await until("the store has looked", async () => {
      const { state, disputes } = await aisle.cart(entry);
      const [raised] = disputes;
      if (state === "disputed" && raised?.granted === null) {
        await aisle.decideDispute(entry, raised.dispute, true);
      }
      return raised?.granted === true;
    });
    const { told } = await shopper.comesTo("given_back");
    assert.match(String(told), /3\.74 given back.*1 disputed: given back/);
    assert.equal((await shopper.comesTo("again"))["joining"], false);
    const fast = "the clock of this device is fast: set it to the right time, and try again";
    assert.deepEqual((await shopper.comesTo("clock"))["told"], [fast, fast]);
    await shopper.leaves();
  },
});
