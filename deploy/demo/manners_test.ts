/** What befalls a played shopper comes from the seed, and all of it befalls somebody. */
import assert from "node:assert/strict";
import { wordFor } from "./deciding.ts";
import { type Errand, Manner, type Reply } from "./manners.ts";
import type { SaleAnswer } from "./till_words.ts";

const day = (manner: Manner) => ({
  papers: manner.papers,
  limit: manner.sale_limit_minor,
  errands: Array.from({ length: 30 }, () => manner.errand()),
  replies: Array.from({ length: 30 }, () => manner.reply()),
});

Deno.test("the same seed and shopper have the same days; another seed has others", () => {
  assert.deepEqual(day(new Manner(1, "Ana S.", 2026)), day(new Manner(1, "Ana S.", 2026)));
  assert.notDeepEqual(day(new Manner(1, "Ana S.", 2026)), day(new Manner(2, "Ana S.", 2026)));
});

Deno.test("among many, everything happens to somebody and nothing to all", () => {
  const manners = Array.from({ length: 200 }, (_, place) => new Manner(3, `P${place}`, 2026));
  const errands = manners.flatMap((manner) => Array.from({ length: 10 }, () => manner.errand()));
  const happens = (what: (errand: Errand) => boolean) => errands.filter(what).length;
  for (
    const what of [
      (errand: Errand) => errand.restricted,
      (errand: Errand) => errand.mumbles === 0,
      (errand: Errand) => errand.mumbles >= 3,
      (errand: Errand) => errand.brings_back,
      (errand: Errand) => errand.wanted?.what === "instrument",
      (errand: Errand) => errand.wanted?.what === "limit",
      (errand: Errand) => errand.pretends,
    ]
  ) assert.ok(happens(what) > 0 && happens(what) < errands.length, String(what));
  const replies = new Set(manners.map((manner) => manner.reply()));
  assert.deepEqual([...replies].sort(), ["less", "no", "silence", "yes"] satisfies Reply[]);
  const ages = new Set(manners.map(({ papers }) => papers?.birth_date));
  assert.ok(ages.has(undefined) && ages.has("2009-01-01") && ages.size > 10);
});

const asked: SaleAnswer = {
  payment: "p-1",
  state: "awaiting_eligibility",
  outcome: null,
  reason: null,
  receipt: null,
  charge_minor: 1_000,
  dropped: [],
  restricted: [{ item: 0, name: "Lager", eligible: true }, {
    item: 2,
    name: "Rum",
    eligible: false,
  }],
  candidates: [],
};
const ana = { initials: "AS", mumbles: 1 };

Deno.test("a cashier takes out what is not attested, and confirms the rest", () => {
  assert.deepEqual(wordFor(asked, ana, 0), {
    say: "drop",
    payment: "p-1",
    drop: [2],
    dropped: 0,
  });
  const [lager] = asked.restricted;
  const left = { ...asked, restricted: [lager!] };
  assert.deepEqual(wordFor(left, ana, 0), { say: "confirm", payment: "p-1" });
});

Deno.test("who mumbles is right in the end; nothing is said where nothing is asked", () => {
  const posed = { ...asked, state: "awaiting_answer", restricted: [] };
  assert.deepEqual(wordFor(posed, ana, 0), {
    say: "answer",
    payment: "p-1",
    kind: "initials",
    answer: "0",
  });
  assert.deepEqual(wordFor(posed, ana, 1), {
    say: "answer",
    payment: "p-1",
    kind: "initials",
    answer: "AS",
  });
  assert.equal(wordFor({ ...posed, state: "awaiting_approval" }, ana, 0), undefined);
});
