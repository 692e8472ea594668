/** S4: a one-time token, signed by the phone for one store and visit, pays one sale. The store's
 * own gateway is spoken for here, as by somebody who got hold of its key. */
import assert from "node:assert/strict";
import { realClock, realRandom } from "../../runtime/main.ts";
import { simulatedModel } from "../../runtime/sim/faces.ts";
import { IssuerRefusal } from "../../runtime/sync/contract/port.ts";
import type { IssuerPort } from "../../runtime/sync/contract/port.ts";
import { makeToken, readToken } from "../../runtime/sync/contract/tokens.ts";
import { toBase64url } from "../../runtime/vault/bytes.ts";
import { nodeVault } from "../../runtime/vault/node.ts";
import type { Sale, Shopper, Stage } from "./stage.ts";
import { until } from "./waiting.ts";
import type { Chapter, Story } from "./story.ts";

const hardware_id = "story-b1";
const tea = { name: "Tea", amount_minor: 420 };
const newName = (kind: string) => `${kind}-${toBase64url(realRandom.bytes(9))}`;

/** The visit's tokens, as its gateway is told them. */
async function tokensOf(stage: Stage, gateway: IssuerPort, check_in: string) {
  const { code, nonce } = await stage.beside(hardware_id);
  const { visits } = await gateway.call("askAccountData", { body: { hardware_id, code, nonce } });
  return visits.find((visit) => visit.check_in === check_in)?.tokens ?? [];
}

/** A sale of a tea to the visit, straight to the issuer. */
async function sell(gateway: IssuerPort, check_in: string, token: string) {
  return await gateway.call("authorise", {
    key: newName("key"),
    body: {
      payment: newName("payment"),
      check_in,
      token,
      lane: "1",
      amount_minor: 420,
      currency: "EUR",
      items: [{ ...tea, quantity: 1 }],
      evidence: {
        kind: "face_at_pay_position",
        camera: "till-1",
        model: simulatedModel.model,
        frames: 3,
        outcome: "identified",
        liveness: "passed",
        seen_at_ms: realClock.now_ms(),
      },
      operator: "olga",
    },
  });
}

async function declined(sale: ReturnType<typeof sell>, reason: string): Promise<void> {
  assert.deepEqual(await sale, { outcome: "declined", reason });
}

/** A token that this shopper's device really signs, changed in one thing. */
function tokenOf(shopper: Shopper, check_in: string, change: Record<string, unknown> = {}): string {
  const { privateKey } = nodeVault.signingKey(shopper.deviceSeed);
  const iat = Math.floor(realClock.now_ms() / 1000);
  const device = { keyid: `device:${shopper.account}`, privateKey };
  return makeToken(nodeVault, device, {
    iss: shopper.account,
    aud: "story-market",
    jti: newName("token"),
    purpose: "purchase",
    check_in,
    iat,
    exp: iat + 300,
    ...change,
  });
}

const used_once: Chapter = {
  title: "a token pays once, and is replaced while the check-in lives",
  async play(stage, tell) {
    const ana = await stage.newShopper("Ana Silva");
    const check_in = await stage.walksIn(ana);
    const gateway = await stage.office.asGateway();
    const [token = ""] = await tokensOf(stage, gateway, check_in);
    await tell("Ana's phone signed tokens for this store and visit; the issuer passed them on.");
    assert.equal((await sell(gateway, check_in, token)).outcome, "authorised");
    await declined(sell(gateway, check_in, token), "token_spent");
    await tell("The first sale takes one. The same token again is spent.");
    await until("the phone has given a new one", async () => {
      const tokens = await tokensOf(stage, gateway, check_in);
      return tokens.length === 4 && !tokens.includes(token);
    });
    await tell("The phone learns with its next renewal, and gives a fresh one.");
  },
};

const refusals: Chapter = {
  title: "expired, for another store, for another visit, never given, tampered: each says which",
  async play(stage, tell) {
    const ben = await stage.newShopper("Ben Ode");
    const check_in = await stage.walksIn(ben);
    const gateway = await stage.office.asGateway();
    const past = Math.floor(realClock.now_ms() / 1000) - 10;
    const good = tokenOf(ben, check_in);
    const [head, body = "", signature] = good.split(".");
    const tampered = [head, `${body.slice(0, -2)}AA`, signature].join(".");
    const cases: readonly [reason: string, token: string][] = [
      ["token_expired", tokenOf(ben, check_in, { exp: past })],
      ["token_store_wrong", tokenOf(ben, check_in, { aud: "other-market" })],
      ["token_check_in_wrong", tokenOf(ben, check_in, { check_in: "visit-elsewhere" })],
      ["token_unknown", good],
      ["token_unreadable", tampered],
    ];
    for (const [reason, token] of cases) await declined(sell(gateway, check_in, token), reason);
    const stolen = tokenOf({ ...ben, deviceSeed: realRandom.bytes(32) }, check_in);
    await declined(sell(gateway, check_in, stolen), "token_unreadable");
    await stage.leaves(ben);
    await declined(sell(gateway, check_in, good), "check_in_ended");
    await tell("Six forgeries, six reasons; and nothing at all once he has left.");
  },
};

const enrolment: Chapter = {
  title: "a gateway enrols once with its code, and speaks for its own store alone",
  async play(stage, tell) {
    const cem = await stage.newShopper("Cem Kaya");
    const check_in = await stage.walksIn(cem);
    const [token = ""] = await tokensOf(stage, await stage.office.asGateway(), check_in);
    const other = await stage.office.anotherGateway("other-1", "other-market");
    await declined(sell(other, check_in, token), "check_in_unknown");
    await tell("Another merchant's gateway has Cem's token, and no such visit.");
    await assert.rejects(stage.office.enrolAgain(), (error) => {
      assert.ok(error instanceof IssuerRefusal, String(error));
      return error.problem === "enrolment_refused";
    });
    await tell("An enrolment code that was used once opens nothing any more.");
  },
};

/** Taps until the sale is in this situation: where the last token was just spent, the gateway has a
 * fresh one a moment later, and the operator taps again. */
async function tapsUntil(stage: Stage, sale: Sale, shopper: Shopper, end: string): Promise<Sale> {
  let again_ms = 0;
  return await until(`${shopper.name}'s sale is ${end}`, async () => {
    const now = await stage.till.look(sale);
    if (now.state === end) return now;
    assert.equal(now.outcome, null, `reason ${now.reason}`);
    if (now.state === "awaiting_selection" && realClock.now_ms() >= again_ms) {
      again_ms = realClock.now_ms() + 1_500;
      await stage.till.taps(sale, shopper);
    }
    return undefined;
  });
}

const velocity: Chapter = {
  title: "too many sales in a short time: the phone is asked although each is small",
  async play(stage, tell) {
    const dora = await stage.newShopper("Dora Lang");
    await stage.walksIn(dora);
    stage.stands("1", dora);
    for (let sales = 0; sales < 5; sales += 1) {
      await tapsUntil(stage, await stage.till.ringsUp("1", [tea]), dora, "captured");
    }
    const sixth = await stage.till.ringsUp("1", [tea]);
    const waiting = await tapsUntil(stage, sixth, dora, "awaiting_approval");
    assert.equal(waiting.reason, "risk_velocity");
    await dora.phone.answer((await stage.askedOn(dora)).approval, "no");
    await stage.till.comesTo(sixth, "declined");
    await tell("Five teas in a minute pass. Before the sixth her phone is asked, and she says no.");
  },
};

const distance: Chapter = {
  title: "two stores that nobody gets between so fast: the phone is asked",
  async play(stage, tell) {
    const emil = await stage.newShopper("Emil Roth");
    await stage.office.place("story-market", { latitude: 52.52, longitude: 13.405 });
    await stage.walksIn(emil);
    stage.stands("1", emil);
    const sale = await stage.till.ringsUp("1", [tea]);
    await stage.till.taps(sale, emil);
    await stage.till.comesTo(sale, "captured");
    await tell("Emil pays in Berlin.");
    await stage.leaves(emil);
    const far = await stage.office.anotherGateway("far-1", "far-market");
    await stage.office.place("far-market", { latitude: 48.137, longitude: 11.575 });
    const beacon = "far-b1";
    await far.call("registerBeacons", { body: { hardware_ids: [beacon] } });
    const stop = new AbortController();
    const { code, nonce } = await stage.office.firstCode(far, stop);
    const heard_at_ms = realClock.now_ms();
    emil.phone.comeBack();
    emil.phone.hear({ hardware_id: beacon, code, rssi_dbm: -60, heard_at_ms });
    const visit = await until("he is in Munich", async () => {
      const proof = { hardware_id: beacon, code, nonce };
      const { visits } = await far.call("askAccountData", { body: proof });
      return visits.find(({ tokens }) => tokens.length > 0);
    });
    const asked = await sell(far, visit.check_in, visit.tokens[0] ?? "");
    assert.ok(asked.outcome === "approval_needed", JSON.stringify(asked));
    assert.equal(asked.reason, "risk_distance");
    await tell(
      "A moment later he checks in and pays in Munich, 500 km away: his phone is asked first.",
    );
  },
};

const without_network: Chapter = {
  title: "a phone without a network hands its check-in and tokens over at the beacon",
  async play(stage, tell) {
    const fred = await stage.newShopper("Fred Moll");
    fred.network.there = false;
    const check_in = await stage.walksIn(fred);
    await tell("Fred's phone hears the beacon and nothing else: it writes a letter there.");
    const gateway = await stage.office.asGateway();
    const [token = ""] = await until("his tokens are there", async () => {
      const tokens = await tokensOf(stage, gateway, check_in);
      return tokens.length === 4 && tokens;
    });
    assert.equal(isSignedBy(fred, token), true);
    await tell("The gateway carried his signed tokens to the issuer, and could change none.");
    stage.stands("1", fred);
    const sale = await stage.till.ringsUp("1", [tea]);
    await stage.till.taps(sale, fred);
    await stage.till.comesTo(sale, "captured");
    fred.network.there = true;
    await stage.receiptOf(fred, sale);
    await stage.leaves(fred);
    await tell("He pays like everybody; the receipt waits until his phone has a network.");
  },
};

/** Signed by the key that only this shopper's device has. */
function isSignedBy(shopper: Shopper, token: string): boolean {
  const { publicKey } = nodeVault.signingKey(shopper.deviceSeed);
  return readToken(nodeVault, token, () => publicKey)?.iss === shopper.account;
}

export const token: Story = {
  name: "S4",
  title: "Hands-free token",
  stage: { issuer: ["--velocity", "5", "--rotation", "2", "--lease", "20"] },
  chapters: [used_once, refusals, enrolment, without_network, velocity, distance],
};
