/** What is secret goes through every door, rightly and wrongly, and is shown, logged and answered
 * nowhere; what a restart needs of it stands in the file where it must, and nowhere else. */
import assert from "node:assert/strict";
import { secretMark } from "../../runtime/engine/mask.ts";
import { demoPin } from "../demo/operators.ts";
import { Aisle } from "./aisle.ts";
import type { Stage } from "./stage.ts";
import type { Chapter, Story } from "./story.ts";

const tea = { name: "Tea", amount_minor: 420 };
/** In every secret that this story makes up. */
const mark = "MARK7719";

/** The store's door, and the issuer's. */
const doorOf = (stage: Stage) => `http://127.0.0.1:${stage.config.http.port}`;

/** Everything that the gateway shows to people: its actors, with their histories, and figures. */
async function pagesOf(stage: Stage): Promise<string> {
  const text = async (path: string) => await (await fetch(`${doorOf(stage)}${path}`)).text();
  const { actors } = JSON.parse(await text("/debug/actors"));
  const pages = ["/debug/actors", "/debug/store", "/metrics", "/readyz", "/reconciliation"];
  for (const { address } of actors) {
    const [kind, id] = String(address).split("/");
    const path = `/debug/actors/${kind}/${encodeURIComponent(String(id))}`;
    pages.push(path, `${path}/history?limit=200`);
  }
  for (const { id } of stage.config.lanes) pages.push(`/lane/${id}/now`);
  return (await Promise.all(pages.map(text))).join("\n");
}

async function post(url: string, body: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text() };
}

function nowhere(secret: string, what: string, places: readonly (readonly [string, string])[]) {
  for (const [place, text] of places) assert.ok(!text.includes(secret), `${what} is in ${place}`);
}

const refused: Chapter = {
  title: "wrong keys, PINs, codes and torn requests: no answer says again what was sent",
  async play(stage, tell) {
    const door = doorOf(stage);
    const issuer = stage.config.issuer.url;
    const bearer = { authorization: `Bearer ${mark}` };
    const sessions = `${door}/operators/sessions`;
    const sale = { poi_id: "p", sale_id: "s", amount_minor: 420, currency: mark };
    const email = { what: "email", email: mark };
    const signed = { "signature-input": mark, signature: mark };
    const tries: [number, Promise<{ status: number; text: string }>][] = [
      [401, post(sessions, { operator: "olga", pin: mark })],
      [400, post(sessions, `{"operator":"olga","pin":"${mark}`)],
      [400, post(`${door}/lane/1/sales`, { ...sale, service_id: "1", token: mark })],
      [400, post(`${door}/lane/1/changes`, { service_id: "1", initials: "AS", wanted: email })],
      [400, post(`${door}/aisle/gates/in/codes`, { code: mark })],
      [401, post(`${issuer}/v1/check-ins`, { tokens: [mark] }, { ...bearer, ...signed })],
      [401, post(`${issuer}/v1/merchants`, { merchant: mark }, bearer)],
    ];
    const answers = await Promise.all(tries.map(([, answer]) => answer));
    assert.deepEqual(answers.map(({ status }) => status), tries.map(([status]) => status));
    nowhere(mark, "what was sent", answers.map(({ text }) => ["an answer", text] as const));
    await tell("Seven doors are tried with something secret. Each says no, and none repeats it.");
  },
};

const used: Chapter = {
  title: "codes, tokens, phrase, address, PIN and nonce are used: nobody is shown one",
  async play(stage, tell) {
    const aisle = await Aisle.open(stage);
    const ana = await stage.newShopper("Ana Silva", { phrase: `${mark} heron` });
    await aisle.signUp(ana);
    await stage.walksIn(ana);
    stage.stands("4", ana);
    const sale = await stage.till.ringsUp("4", [tea]);
    for (const word of ["crane", "heron"]) {
      await stage.till.comesTo(sale, "awaiting_answer");
      await stage.till.decide(sale, "answer", { kind: "phrase", answer: `${mark} ${word}` });
    }
    await stage.till.comesTo(sale, "captured");
    const moved = { what: "address", address: `${mark} Street` };
    const change = await stage.till.asksToChange("4", ana, moved);
    assert.equal((await stage.till.changeEnds("4", change)).state, "applied");
    const code = ana.phone.entryCode();
    assert.equal((await aisle.shows(code)).state, "open");
    const { nonce } = await stage.beside("story-b1");
    // Logs tell of trouble: there must be some, with a token under way.
    await stage.issuerGoes();
    stage.stands("1", ana);
    const late = await stage.till.taps(await stage.till.ringsUp("1", [tea]), ana);
    await stage.till.comesTo(late, "accepted_offline");
    await stage.issuerReturns();
    await stage.till.comesTo(late, "captured");

    const shown = await pagesOf(stage);
    assert.ok(shown.includes(`payment/${sale.payment}`) && shown.includes(secretMark));
    assert.ok(stage.logged.length > 0, "the logs have something to tell");
    const people: [string, string][] = [["a page", shown], ["a log", stage.logged.join("\n")]];
    nowhere(mark, "a phrase or an address", people);
    nowhere("eyJ", "something signed", people);
    nowhere(String(nonce), "the nonce", people);
    const everywhere = [...people, ...await stage.files()];
    nowhere(demoPin, "the PIN", everywhere);
    nowhere(`${mark} heron`, "the phrase", everywhere);
    nowhere(`${mark} crane`, "the wrong phrase", everywhere);
    nowhere(stage.services.adminKey, "the administrator's key", everywhere);
    await tell("A sale, a change and a gate went well. No page, log or history has a secret.");
  },
};

export const secrets: Story = {
  name: "secrets",
  title: "What is secret stays so",
  stage: { aisle: true },
  chapters: [refused, used],
};
