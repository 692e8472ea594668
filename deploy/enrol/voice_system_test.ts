/**
 * From a browser to a till: somebody enrols a voice on the issuer's page in a real Chromium, and
 * pays at a lane that cannot tell two people by their faces. Needs Chromium; `CHROMIUM` names
 * another.
 */
import assert from "node:assert/strict";
import { wav } from "../../hardware/recorded/testing.ts";
import { enrolledTone, spoken } from "../../runtime/perception/voice/testing.ts";
import { portraits } from "../demo/portraits.ts";
import { rounds } from "./rounds.ts";
import { browser, enrolInBrowser, type Enrolled, startIssuer } from "./testing.ts";
import { checkIn, type Lane, openLane, phoneOf, sells, until } from "./testing_lane.ts";

const rate_hz = 48_000;
const ada_voice = 4;
const bob_voice = 1;
const face = 101;

/** One round as Ada says it, with time to read before it. The browser repeats it, so that a round
 * that a busy machine lost a piece of is said again. */
function recital(): Uint8Array<ArrayBuffer> {
  const { samples } = spoken(ada_voice, rounds[0]!, "a round", { rate_hz });
  return wav({ rate_hz, samples: [...new Int16Array(2 * rate_hz), ...samples] });
}

/** Ada, with the browser's key, and her twin Bob are checked in, both with faces and voices. */
async function bothCome(origin: string, seed: readonly number[], lane: Lane) {
  const { store, heard, perception } = lane;
  const ada = await phoneOf(origin, { first_name: "Ada", initials: "AL", seed });
  const other = [...crypto.getRandomValues(new Uint8Array(32))];
  const bob = await phoneOf(origin, { first_name: "Bob", initials: "BO", seed: other });
  for (const own of [ada, bob]) await own.enrolFace(await perception.enrol(portraits(face)), "1");
  await bob.enrolVoice(enrolledTone(bob_voice), "1");
  for (const own of [ada, bob]) await checkIn(own, heard);
  const view = (check_in?: string) => store.engine.view(`visit/${check_in}`)?.context;
  const known = () => [ada, bob].every(({ checkIn }) => view(checkIn)?.["template"] === true);
  await until("both templates at the lane", known);
  return { ada, bob };
}

const nowAt = async (store: Lane["store"]) => (await store.app.request("/lane/1/now")).json();

/** Reads the digits off the lane, and says them. */
async function answers({ store, microphone }: Lane): Promise<void> {
  let digits: readonly number[] = [];
  await until("digits on the lane", async () => {
    digits = (await nowAt(store)).say ?? [];
    return digits.length > 0;
  });
  const { rate_hz, samples } = spoken(ada_voice, digits, "at the till", { pause_s: 0.35 });
  const answer = new Int16Array(samples.length + rate_hz);
  answer.set(samples);
  microphone.say({ rate_hz, samples: answer });
}

/** What Ada does in the browser; pictures of the page stay in `folder`. */
async function enrols(origin: string, folder: string): Promise<Enrolled> {
  const enrolled = await enrolInBrowser(origin, folder, { device: "microphone", wav: recital() });
  assert.deepEqual([enrolled.told, enrolled.trouble], ["", []]);
  const order = ["POST /v1/consents", "GET /enrol/ear.ts", "PUT /v1/voice"];
  const places = order.map((one) => enrolled.asked.indexOf(one));
  assert.deepEqual(places, places.toSorted((a, b) => a - b), "consent comes first");
  assert.ok(!places.includes(-1), enrolled.asked.join());
  return enrolled;
}

async function story(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "voice" });
  const issuer = await startIssuer(`${folder}/issuer`);
  try {
    const { account, seed } = await enrols(issuer.origin, folder);
    const lane = await openLane(issuer.origin);
    const { ada, bob } = await bothCome(issuer.origin, seed, lane);
    try {
      assert.equal(ada.account, account);
      lane.camera.before = face;
      await Promise.all([sells(lane.store, "1"), answers(lane)]);
      const outcome = async () => (await nowAt(lane.store)).last?.outcome;
      await until("the end of the sale", async () => await outcome() !== undefined);
      assert.equal(await outcome(), "captured");
      assert.equal((await ada.receipts()).length, 1, "it is Ada who paid");
      assert.equal((await bob.receipts()).length, 0);
    } finally {
      for (const own of [ada, bob]) own.stop();
      await lane.store.stop();
      await lane.perception.close();
    }
  } finally {
    await issuer.end();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "who enrolled a voice in a browser pays with spoken digits beside a twin",
  ignore: browser === undefined,
  fn: story,
});
