/** Taking it back: a consent that is revoked and an account that is erased reach the store within
 * seconds, or at its next contact, and nothing of the template is left anywhere. */
import assert from "node:assert/strict";
import { RuntimeError } from "../../runtime/errors.ts";
import type { Shopper, Stage } from "./stage.ts";
import { sleep, until } from "./waiting.ts";
import type { Chapter, Story } from "./story.ts";

const tea = { name: "Tea", amount_minor: 420 };

/** A template as it stands in a file, plain or sealed: any long enough part of it gives it away. */
function tracesOf({ face, sealed }: Shopper): [what: string, bytes: string][] {
  const plain = new Uint8Array(Float32Array.from(face).buffer);
  const latin1 = new TextDecoder("latin1");
  return [
    ["the plain template", latin1.decode(plain.subarray(0, 32))],
    ["the plain template's end", latin1.decode(plain.subarray(-32))],
    ["the sealed template", sealed.slice(0, 40)],
    ["the sealed template's end", sealed.slice(-40)],
  ];
}

async function nothingLeft(stage: Stage, shopper: Shopper): Promise<void> {
  for (const [path, bytes] of await stage.files()) {
    for (const [what, trace] of tracesOf(shopper)) {
      assert.ok(!bytes.includes(trace), `${what} is in ${path}`);
    }
  }
}

/** True while the account's sealing key is in its file, or in the log beside that. */
async function hasKey(stage: Stage, { account }: Shopper): Promise<boolean> {
  const files = await stage.files();
  return files.some(([path, bytes]) =>
    path.includes("account-keys.sqlite") && bytes.includes(account)
  );
}

async function isStranger(stage: Stage, shopper: Shopper): Promise<void> {
  stage.stands("2", shopper);
  const sale = await stage.till.ringsUp("2", [tea]);
  await sleep(400);
  assert.equal((await stage.till.look(sale)).state, "awaiting_candidates");
  await stage.till.decide(sale, "cancellation", { operator: "olga" });
}

const ends = (stage: Stage, visit: string, reason: string) =>
  until(
    `the store has ended the visit: ${reason}`,
    async () => (await stage.actor(`visit/${visit}`))?.context["ended"] === reason,
  );

const revoked: Chapter = {
  title: "consent is revoked from the phone: the cameras forget at once, the issuer's file too",
  async play(stage, tell) {
    const ana = await stage.newShopper("Ana Silva");
    const visit = await stage.walksIn(ana);
    assert.ok(await hasKey(stage, ana), "her template is kept under a key of her own");
    await tell("Ana is in the store, known to its cameras. The issuer keeps her template sealed.");
    await ana.phone.revokeFace();
    await ends(stage, visit, "revoked");
    stage.air.forget(ana.phone);
    await isStranger(stage, ana);
    await nothingLeft(stage, ana);
    assert.ok(!await hasKey(stage, ana), "her key is destroyed: backups are dark");
    await tell("She revokes. A moment later she is a stranger, and no file has a byte of it.");
  },
};

const erased: Chapter = {
  title: "the account is erased: name, phrase and key are gone, the books stay",
  async play(stage, tell) {
    const ben = await stage.newShopper("Balthasarius Ode", { phrase: "a quiet orchard" });
    const visit = await stage.walksIn(ben);
    stage.stands("1", ben);
    const sale = await stage.till.ringsUp("1", [tea]);
    await stage.till.taps(sale, ben);
    await stage.till.comesTo(sale, "captured");
    await ben.phone.erase();
    await ends(stage, visit, "erased");
    stage.air.forget(ben.phone);
    await nothingLeft(stage, ben);
    for (const [path, bytes] of await stage.files()) {
      if (!path.includes("/issuer/")) continue;
      assert.ok(!bytes.includes("Balthasarius"), `his name is in ${path}`);
    }
    await assert.rejects(
      ben.phone.limits(),
      (error) => error instanceof RuntimeError && error.kind === "unauthorised",
    );
    assert.equal((await stage.inLedger(sale))?.state, "captured");
    await tell("Ben erases his account. Nobody can sign for it now; what he paid stays booked.");
  },
};

const away: Chapter = {
  title: "the store was away: it forgets at its next contact",
  async play(stage, tell) {
    const cem = await stage.newShopper("Cem Kaya");
    const visit = await stage.walksIn(cem);
    await stage.services.killGateway();
    stage.air.forget(cem.phone);
    await cem.phone.revokeFace();
    await tell("The gateway is down while Cem revokes.");
    await stage.services.startGateway();
    await ends(stage, visit, "revoked");
    await isStranger(stage, cem);
    await nothingLeft(stage, cem);
    await tell("It comes back, hears of it before anything else, and does not know him.");
  },
};

const gateway_revoked: Chapter = {
  title: "a gateway is revoked: it is believed nothing, and its lanes say that they are cut off",
  async play(stage, tell) {
    const dora = await stage.newShopper("Dora Lang");
    await stage.walksIn(dora);
    const gateway = await stage.office.asGateway();
    await stage.office.revokeGateway();
    await assert.rejects(
      gateway.call("ledger"),
      (error) => error instanceof RuntimeError && error.kind === "unauthorised",
    );
    await until(
      "the lane says since when",
      async () => (await stage.actor("lane/1"))?.context["offline_since_ms"] !== null,
    );
    await tell("The issuer knows its key no more. Lane 1 shows since when it is cut off.");
  },
};

export const erasure: Story = {
  name: "ERASURE",
  title: "Taking it back",
  chapters: [revoked, erased, away, gateway_revoked],
};
