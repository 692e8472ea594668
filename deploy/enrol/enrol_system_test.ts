/**
 * From a browser to a till: somebody enrols on the issuer's page in a real Chromium, and is then
 * charged at a lane whose camera sees the same face. Needs Chromium; `CHROMIUM` names another.
 */
import assert from "node:assert/strict";
import type { Gateway } from "../../runtime/gateway.ts";
import { demoPin } from "../demo/operators.ts";
import { film } from "./film.ts";
import { browser, enrolInBrowser, startIssuer } from "./testing.ts";
import { checkIn, openLane, phoneOf, sells, until } from "./testing_lane.ts";

const ada = 101;
const stranger = 203;

/** An operator signs in and gives the sale up. */
async function givesUp(store: Gateway, payment: string) {
  const post = (path: string, body: unknown, more = {}) =>
    store.app.request(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...more },
      body: JSON.stringify(body),
    });
  const signedIn = await post("/operators/sessions", { operator: "kim", pin: demoPin });
  const { session } = await signedIn.json();
  const path = `/lane/1/sales/${payment}/cancellation`;
  const answer = await post(path, {}, { "x-operator-session": session });
  assert.equal(answer.status, 200, await answer.text());
}

async function story(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "enrol" });
  const issuer = await startIssuer(`${folder}/issuer`);
  try {
    const enrolled = await enrolInBrowser(issuer.origin, folder, {
      device: "camera",
      film: film(ada),
    });
    assert.deepEqual([enrolled.told, enrolled.trouble], ["", []]);
    const order = ["POST /v1/consents", "GET /enrol/eye.ts", "PUT /v1/template"];
    const places = order.map((one) => enrolled.asked.indexOf(one));
    assert.deepEqual(places, places.toSorted((a, b) => a - b), "consent comes first");
    assert.ok(!places.includes(-1), enrolled.asked.join());

    const { camera, store, heard, perception } = await openLane(issuer.origin);
    const own = await phoneOf(issuer.origin, {
      ...{ first_name: "Ada", initials: "AL" },
      seed: enrolled.seed,
    });
    assert.equal(own.account, enrolled.account);
    await checkIn(own, heard);
    try {
      const visit = `visit/${own.checkIn}`;
      const view = () => store.engine.view(visit as `visit/${string}`);
      await until("her template at the lane", () => view()?.context["template"] === true);
      camera.before = stranger;
      const refused = await sells(store, "1");
      assert.notEqual(refused.outcome, "captured", JSON.stringify(refused));
      await givesUp(store, refused.payment);
      camera.before = ada;
      const sold = await sells(store, "2");
      assert.equal(sold.outcome, "captured", JSON.stringify(sold));
      assert.equal(view()?.context["account"], enrolled.account);
    } finally {
      own.stop();
      await store.stop();
      await perception.close();
    }
  } finally {
    await issuer.end();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "who enrolled in a browser is charged at the till, and a stranger is not",
  ignore: browser === undefined,
  fn: story,
});
