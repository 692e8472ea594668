/**
 * Somebody enrols a voice on the issuer's page in a real Chromium, which hears a file in place of a
 * microphone. Needs Chromium; `CHROMIUM` names another.
 */
import assert from "node:assert/strict";
import { wav } from "../../hardware/recorded/testing.ts";
import { spoken } from "../../runtime/perception/voice/testing.ts";
import { rounds } from "./rounds.ts";
import { browser, enrolInBrowser, type Enrolled, startIssuer } from "./testing.ts";
import { phoneOf } from "./testing_lane.ts";

const rate_hz = 48_000;
const ada_voice = 4;

/** One round as Ada says it, with time to read before it. The browser repeats it, so that a round
 * that a busy machine lost a piece of is said again. */
function recital(): Uint8Array<ArrayBuffer> {
  const { samples } = spoken(ada_voice, rounds[0]!, "a round", { rate_hz });
  return wav({ rate_hz, samples: [...new Int16Array(2 * rate_hz), ...samples] });
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
    const own = await phoneOf(issuer.origin, { first_name: "Ada", initials: "AL", seed });
    assert.equal(own.account, account, "the voice is of the account of the browser's key");
    await own.revokeVoice();
    own.stop();
  } finally {
    await issuer.end();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "a voice is enrolled in a browser: consent first, five rounds, one sealed voice",
  ignore: browser === undefined,
  fn: story,
});
