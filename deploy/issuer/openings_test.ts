/** Accounts are opened by the dozen from one address, and not by the thousand. */
import assert from "node:assert/strict";
import { issuerLimits as limits } from "./limits.ts";
import { sourceOf } from "./rooms/openings.ts";
import { newShopper, town } from "./testing/town.ts";

Deno.test("one address opens so many accounts in ten minutes, others go on", async () => {
  let from = "192.0.2.7";
  const answers: Response[] = [];
  const place = await town({
    settings: { openings: 2 },
    from: () => from,
    answered: (answer) => answers.push(answer),
  });
  await newShopper(place, 1);
  await newShopper(place, 2);
  await assert.rejects(newShopper(place, 3), { kind: "issuer_unreachable" });
  const last = answers.at(-1);
  assert.equal(last?.status, 429);
  assert.ok(Number(last?.headers.get("retry-after")) > 0);
  assert.match((await last?.json()).type, /openings_enough$/);
  from = "192.0.2.8";
  await newShopper(place, 4);
  from = "192.0.2.7";
  const { tally } = place.store.tables;
  const names = JSON.stringify(tally.all("by_end", []));
  assert.ok(!names.includes("192.0.2"), "no address is kept");
  await place.clock.advance(limits.opening_ms + 2 * limits.tally_slot_ms);
  await newShopper(place, 5);
  await place.issuer.stop();
});

Deno.test("a line of IPv6 is one source, whatever of its addresses speaks", () => {
  assert.equal(sourceOf("192.0.2.7"), "192.0.2.7");
  assert.equal(sourceOf("::ffff:192.0.2.7"), "192.0.2.7");
  const line = sourceOf("2001:db8:1:2:3:4:5:6");
  assert.equal(sourceOf("2001:0DB8:1:2::9"), line);
  assert.equal(sourceOf("2001:db8:1:2:ffff::"), line);
  assert.notEqual(sourceOf("2001:db8:1:3::9"), line);
  assert.equal(sourceOf("fe80::1%eth0"), sourceOf("fe80::2"));
  assert.equal(sourceOf("::1"), "0:0:0:0");
});
