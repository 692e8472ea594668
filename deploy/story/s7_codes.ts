/** S7: account data is the answer to the beacon's code and nonce of now, and names those whose
 * phones reported that code; for a while after a proof the hardware identifier suffices. */
import assert from "node:assert/strict";
import type { PhoneLettersPort } from "../../hardware/ports.ts";
import { realClock, realRandom } from "../../runtime/main.ts";
import type { NonceReader } from "../../runtime/sync/contract/nonce_letters.ts";
import { newIdentity } from "../../runtime/sync/identity.ts";
import { createNonceSource } from "../../runtime/sync/nonces.ts";
import { nodeVault } from "../../runtime/vault/node.ts";
import { type AccountData } from "../../runtime/sync/contract/schemas.ts";
import { IssuerRefusal } from "../../runtime/sync/contract/port.ts";
import type { Stage } from "./stage.ts";
import { sleep, until } from "./waiting.ts";
import type { Chapter, Story } from "./story.ts";

const hardware_id = "story-b1";

/** The code and nonce that the gateway's beacon has now. */
async function proof(stage: Stage): Promise<{ hardware_id: string; code: string; nonce: string }> {
  const { code, nonce } = await stage.beside(hardware_id);
  return { hardware_id, code, nonce };
}

async function refused(asked: Promise<unknown>, problem: string): Promise<void> {
  await assert.rejects(asked, (error) => {
    assert.ok(error instanceof IssuerRefusal, String(error));
    assert.equal(error.problem, problem);
    return true;
  });
}

const named = ({ visits }: AccountData) => visits.map(({ initials }) => initials).sort();

const exactly: Chapter = {
  title: "code and nonce bring exactly those whose phones reported that code",
  async play(stage, tell) {
    const ana = await stage.newShopper("Ana Silva");
    const ben = await stage.newShopper("Ben Ode");
    await stage.walksIn(ana);
    ben.phone.hear({ hardware_id, code: "", rssi_dbm: -60, heard_at_ms: Date.now() });
    await until("Ben's phone has checked in", () => ben.phone.checkIn);
    await tell(
      "Ana's phone reported the beacon's code. Ben's has met the beacon, and heard no code yet.",
    );
    const gateway = await stage.office.asGateway();
    const body = await proof(stage);
    assert.deepEqual(named(await gateway.call("askAccountData", { body })), ["AS"]);
    await tell("The gateway shows code and nonce, which it alone was given: it is told of Ana.");
    await stage.leaves(ana);
    await stage.leaves(ben);
  },
};

const by_letter: Chapter = {
  title: "phones without a network report the code at the beacon itself, stay and leave",
  async play(stage, tell) {
    const ida = await stage.newShopper("Ida Berg");
    ida.network.there = false;
    const check_in = await stage.walksIn(ida);
    const gateway = await stage.office.asGateway();
    const body = await proof(stage);
    assert.deepEqual(named(await gateway.call("askAccountData", { body })), ["IB"]);
    await until(
      "she has renewed by letter",
      () => ida.events.some(({ type }) => type === "renewed"),
    );
    assert.equal(ida.phone.checkIn, check_in);
    await stage.leaves(ida);
    const after = await proof(stage);
    assert.deepEqual(named(await gateway.call("askAccountData", { body: after })), []);
    await tell("Ida's phone has no network. What it signs reaches the issuer by the beacon.");
  },
};

/** The nonce as a radio beside the beacon reads it, with these keys. */
function readBeside(stage: Stage, keys: NonceReader): Promise<string> {
  const way: PhoneLettersPort = {
    hand: (beacon, letter) => stage.services.hand(beacon, "another radio", letter),
  };
  const ways = new Map([[hardware_id, way]]);
  const world = { vault: nodeVault, clock: realClock, random: realRandom };
  return createNonceSource({ ...world, keys, ways }).read(hardware_id);
}

const beside: Chapter = {
  title: "the nonce is read at the beacon, by its own gateway and by nobody else",
  async play(stage, tell) {
    const keys = await stage.office.identity();
    const body = await until("code and nonce are of one period", async () => {
      const { code, nonce } = await proof(stage);
      return await readBeside(stage, keys) === nonce ? { hardware_id, code, nonce } : undefined;
    });
    await (await stage.office.asGateway()).call("askAccountData", { body });
    await tell("The gateway's other radio asked at the letterbox, signed, and proved the beacon.");
    const stranger = newIdentity(nodeVault, realRandom, keys.gateway);
    await assert.rejects(readBeside(stage, stranger), { kind: "device_lost" });
    await tell("Somebody beside it with a key of his own was told nothing, and not why.");
  },
};

const wrong: Chapter = {
  title: "wrong nonce, unknown code, stale code, foreign beacon: nothing, each with its reason",
  async play(stage, tell) {
    const gateway = await stage.office.asGateway();
    const good = await proof(stage);
    const ask = (more: Partial<typeof good>) =>
      gateway.call("askAccountData", { body: { ...good, ...more } });
    await refused(ask({ nonce: "A".repeat(22) }), "nonce_wrong");
    await refused(ask({ code: "00".repeat(8) }), "code_wrong");
    await refused(ask({ hardware_id: "somebody-elses" }), "beacon_unknown");
    const other = await stage.office.anotherGateway("story-2", "other-market");
    await refused(other.call("askAccountData", { body: good }), "beacon_foreign");
    await tell("Whoever overheard the code has no nonce; another store's gateway has no beacon.");
    await sleep(4_200);
    await refused(ask({}), "code_stale");
    await tell("Four seconds later the same proof is a recording, and brings nothing.");
  },
};

const threshold: Chapter = {
  title: "after a proof the hardware identifier suffices for a while, and not over a restart",
  async play(stage, tell) {
    const gateway = await stage.office.asGateway();
    // The store's own gateway proves itself whenever it asks: here it says nothing.
    const first = await proof(stage);
    await stage.services.killGateway();
    const bare = () => gateway.call("askAccountData", { body: { hardware_id } });
    await gateway.call("askAccountData", { body: first });
    const { proved_for_ms } = await bare();
    assert.ok(proved_for_ms > 0 && proved_for_ms <= 3_000);
    await tell("Just proved: the hardware identifier alone is enough now.");
    await sleep(3_200);
    await refused(bare(), "proof_needed");
    await tell("The time after the proof is over: the issuer wants code and nonce again.");

    await stage.services.startGateway();
    await gateway.call("askAccountData", { body: await proof(stage) });
    await bare();
    await stage.services.killGateway();
    await stage.services.restartIssuer();
    // A signature of the second in which it started is not taken.
    await sleep(1_500);
    await refused(bare(), "proof_needed");
    await tell("The issuer was started anew, and begins without any proof.");
  },
};

const restart: Chapter = {
  title: "a gateway that starts anew proves itself anew, and finds who is there",
  async play(stage, tell) {
    await stage.services.startGateway();
    const cem = await stage.newShopper("Cem Kaya");
    const check_in = await stage.walksIn(cem);
    await stage.services.killGateway();
    await stage.services.startGateway();
    await until("the camera knows him again", async () => {
      stage.stands("2", cem);
      return (await stage.actor(`visit/${check_in}`))?.state === "present";
    });
    const sale = await stage.till.ringsUp("2", [{ name: "Tea", amount_minor: 420 }]);
    await stage.till.comesTo(sale, "captured");
    await tell("Its galleries were empty; with code and nonce it was told again of Cem.");
  },
};

export const codes: Story = {
  name: "S7",
  title: "Rotating beacon code",
  stage: { issuer: ["--rotation", "1", "--lease", "8", "--threshold", "3"] },
  chapters: [exactly, by_letter, beside, wrong, threshold, restart],
};
