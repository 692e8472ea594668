/** What the pages for shoppers answer at addresses that are nearly right, or wrong. */
import assert from "node:assert/strict";
import { enrolSite } from "./site.ts";
import { models } from "./testing.ts";

Deno.test("an address without its last stroke leads on, a wrong one names the pages", async () => {
  const site = await enrolSite(models);
  const look = (path: string) => site(new Request(new URL(path, "http://127.0.0.1:8490")));
  for (const page of ["/enrol/", "/enrol/voice/", "/enrol/phone/"]) {
    const found = look(page);
    assert.equal(found?.status, 200, page);
    assert.equal(found.headers.get("content-type"), "text/html; charset=utf-8");
    const near = look(page.slice(0, -1));
    assert.deepEqual([near?.status, near?.headers.get("location")], [308, page]);
  }
  const wrong = look("/enrol/phone/nowhere");
  assert.equal(wrong?.status, 404);
  assert.match(await wrong!.text(), /the pages are \/enrol\/, \/enrol\/voice\/, \/enrol\/phone\//);
  assert.equal(look("/v1/keys"), undefined);
});
