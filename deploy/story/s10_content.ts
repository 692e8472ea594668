/** S10: what goes with what somebody holds is shown beside it, with the link and the reason. */
import assert from "node:assert/strict";
import { IssuerRefusal } from "../../runtime/sync/contract/port.ts";
import { articles } from "../demo/goods.ts";
import type { Stage } from "./stage.ts";
import { until } from "./waiting.ts";
import type { Shopper } from "./place.ts";
import type { Chapter, Story } from "./story.ts";

interface Pieces extends Array<{ readonly text: string; readonly mark: boolean }> {}
interface Display {
  readonly state: string;
  readonly look: number;
  readonly product: { readonly name: string } | null;
  readonly shown: {
    readonly id: string;
    readonly name: Pieces;
    readonly ingredients: Pieces;
    readonly personal: boolean;
    readonly link: { readonly entity: string; readonly label: string };
    readonly why: string;
  } | null;
}

const gtinOf = (name: string) => articles.find((article) => article.name === name)!.gtin;
const content = (path: string) => `https://riverside.example/${path}`;
const marks = (pieces: Pieces) => pieces.filter(({ mark }) => mark).map(({ text }) => text);
const gateway = (stage: Stage) => `http://127.0.0.1:${stage.config.http.port}`;

async function post(stage: Stage, body: Record<string, unknown>): Promise<Response> {
  return await fetch(`${gateway(stage)}/display/hall/looks`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** Somebody holds a product before the display; resolves to what stands on it then. */
async function holds(stage: Stage, name: string, shopper?: Shopper): Promise<Display> {
  const visit = shopper?.phone.checkIn;
  const taken = await post(stage, { gtin: gtinOf(name), ...(visit ? { visit } : {}) });
  assert.equal(taken.status, 202);
  const { look }: Display = await taken.json();
  return await until(`${name} is on the display`, async () => {
    const now: Display = await (await fetch(`${gateway(stage)}/display/hall/now`)).json();
    return now.look === look && now.state === "showing" && now;
  });
}

/** What the phone was shown, once it was. */
async function onPhone(shopper: Shopper, id: string) {
  return await until(`${shopper.name}'s phone shows ${id}`, () => {
    const found = shopper.events.findLast((event) =>
      event.type === "content_shown" && event.content.id === id
    );
    return found?.type === "content_shown" && found.content;
  });
}

const anybody: Chapter = {
  title: "whoever holds tomatoes is shown what goes with them",
  async play(stage, tell) {
    const { product, shown } = await holds(stage, "Vine tomatoes 500 g");
    assert.equal(product?.name, "Vine tomatoes 500 g");
    assert.equal(shown?.id, content("recipes/tomato-soup"));
    assert.deepEqual(marks(shown.name), ["Tomato"]);
    assert.deepEqual(marks(shown.ingredients), ["tomatoes"]);
    await tell("A scanner by the display reads tomatoes. Beside them stands a tomato soup.");
    assert.match(shown.why, /has to do with it: tomato\. Whoever holds this product/);
    await tell(`The word that links them is marked, and below it says: "${shown.why}"`);
  },
};

const numbers: Chapter = {
  title: "a misread number shows nothing",
  async play(stage, tell) {
    const misread = gtinOf("Cucumber").slice(0, -1) + "0";
    const wrong = await post(stage, { gtin: misread });
    assert.equal(wrong.status, 422);
    await wrong.body?.cancel();
    const elsewhere = await post(stage, { gtin: "4006381333931" });
    assert.equal(elsewhere.status, 404);
    await elsewhere.body?.cancel();
    await tell("A digit is misread, and the check digit says so; a pen from elsewhere is unknown.");
  },
};

const often: Chapter = {
  title: "nobody is shown the same again and again",
  async play(stage, tell) {
    const bea = await stage.newShopper("Bea Stern");
    await stage.walksIn(bea);
    const shown: (string | undefined)[] = [];
    for (let look = 0; look < 3; look++) {
      shown.push((await holds(stage, "Bananas 1 kg", bea)).shown?.id);
    }
    assert.deepEqual(shown.slice(0, 2), Array(2).fill(content("recipes/banana-bread")));
    assert.notEqual(shown[2], shown[0]);
    const context = (await stage.actor("display/hall"))?.context;
    assert.deepEqual(context?.["left_out"], [
      { content: content("recipes/banana-bread"), reason: "shown_to_shopper" },
    ]);
    await tell("Bea holds bananas three times. Twice she sees banana bread, the third time not.");
  },
};

const not_agreed: Chapter = {
  title: "without consent nothing is personal, and the issuer learns of no look",
  async play(stage, tell) {
    const cem = await stage.newShopper("Cem Kaya");
    await stage.walksIn(cem);
    const { shown } = await holds(stage, "Olive oil 500 ml", cem);
    assert.equal(shown?.personal, false);
    const context = (await stage.actor("display/hall"))?.context;
    assert.deepEqual(context?.["left_out"], [
      { content: content("offers/olive-oil-regulars"), reason: "not_agreed" },
    ]);
    assert.deepEqual(await cem.phone.shown(), []);
    await tell("Cem never agreed to offers. He sees what everybody sees, his phone nothing.");
  },
};

const agreed: Chapter = {
  title: "who agreed to offers is shown them, on the display and the phone",
  async play(stage, tell) {
    const dora = await stage.newShopper("Dora Lang");
    await dora.phone.agreeToOffers("1");
    await stage.walksIn(dora);
    const { shown } = await holds(stage, "Olive oil 500 ml", dora);
    assert.equal(shown?.id, content("offers/olive-oil-regulars"));
    assert.match(shown.why, /same product\. It is for shoppers who agreed to offers/);
    const seen = await onPhone(dora, shown.id);
    assert.equal(seen.why, shown.why);
    assert.deepEqual(marks(seen.name), ["Olive oil"]);
    assert.deepEqual(seen.price, { amount_minor: 699, currency: "EUR" });
    await tell("Dora agreed. One euro off her olive oil stands on the display and on her phone.");

    await dora.phone.revokeOffers();
    await until("the store hears of it", async () => {
      const visit = await stage.actor(`visit/${dora.phone.checkIn}`);
      return visit?.context["offers"] === false;
    });
    const after = await holds(stage, "Olive oil 500 ml", dora);
    assert.equal(after.shown?.personal, false);
    assert.deepEqual(await dora.phone.shown(), []);
    const issuer = await stage.office.asGateway();
    const body = { check_in: dora.phone.checkIn!, content: seen };
    await assert.rejects(
      issuer.call("showContent", { body }),
      (error) => error instanceof IssuerRefusal && error.problem === "consent_unknown",
    );
    await tell("She takes it back: the offer is gone, and the issuer would pass on none.");
  },
};

const left: Chapter = {
  title: "offers end with the stay",
  async play(stage, tell) {
    const emil = await stage.newShopper("Emil Roth");
    await emil.phone.agreeToOffers("1");
    const check_in = await stage.walksIn(emil);
    const { shown } = await holds(stage, "Orange juice 1 l", emil);
    assert.ok(shown);
    const seen = await onPhone(emil, shown.id);
    await stage.leaves(emil);
    const issuer = await stage.office.asGateway();
    await assert.rejects(
      issuer.call("showContent", { body: { check_in, content: seen } }),
      (error) => error instanceof IssuerRefusal && error.problem === "check_in_ended",
    );
    await tell("Emil leaves. Whatever the store would show him now, his phone is not told.");
  },
};

const written: Chapter = {
  title: "what is written today is found to be about something, and outlives a crash",
  async play(stage, tell) {
    const document = {
      "@context": "https://schema.org",
      "@id": "https://story.example/offers/towels",
      "@type": "Offer",
      name: "Two rolls more for party people",
      inLanguage: "en",
      description: "Flowers beside them at half price.",
      itemOffered: { "@type": "Product", gtin13: gtinOf("Paper towels, 4 rolls") },
    };
    const put = await fetch(`${gateway(stage)}/content`, {
      method: "PUT",
      headers: { "content-type": "application/ld+json" },
      body: JSON.stringify(document),
    });
    assert.equal(put.status, 200);
    const { about } = await put.json();
    assert.deepEqual(about.map(({ entity }: { entity: string }) => entity).sort(), [
      "category/flowers",
      "category/paper",
      `gtin/0${gtinOf("Paper towels, 4 rolls")}`,
    ]);
    await tell("The shop puts a new offer in. It is about paper towels and flowers.");
    await stage.services.killGateway();
    await stage.services.startGateway();
    const { shown } = await holds(stage, "Paper towels, 4 rolls");
    assert.equal(shown?.id, document["@id"]);
    await tell("The gateway is killed and comes back; the offer is there.");
  },
};

export const content_shown: Story = {
  name: "S10",
  title: "Content that knows what it is about",
  chapters: [anybody, numbers, often, not_agreed, agreed, left, written],
};
