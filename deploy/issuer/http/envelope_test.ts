/** A stranger who sends slowly keeps no place from others. */
import assert from "node:assert/strict";
import { utf8 } from "../../../runtime/vault/bytes.ts";
import { issuerLimits } from "../limits.ts";
import { origin, town } from "../testing/town.ts";

Deno.test("a body that drips in is not waited for for ever", async () => {
  const place = await town();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(utf8('{"merchant":')),
  });
  const headers = { "content-type": "application/json" };
  const request = new Request(`${origin}/v1/merchants`, { method: "POST", headers, body });
  const asked = place.issuer.app.fetch(request);
  await place.clock.advance(issuerLimits.body_ms);
  const answer = await asked;
  assert.equal(answer.status, 400);
  assert.match(await answer.text(), /did not come in time/);
  await place.issuer.stop();
});

Deno.test("more such bodies than there are places: after their time there is one", async () => {
  const place = await town();
  const drips = Array.from({ length: issuerLimits.requests_in_flight }, () => {
    const body = new ReadableStream<Uint8Array>();
    return place.issuer.app.fetch(
      new Request(`${origin}/v1/merchants`, { method: "POST", body }),
    );
  });
  const healthy = () => place.issuer.app.fetch(new Request(`${origin}/healthz`));
  assert.equal((await healthy()).status, 429);
  await place.clock.advance(issuerLimits.body_ms);
  await Promise.all(drips);
  assert.equal((await healthy()).status, 200);
  await place.issuer.stop();
});
