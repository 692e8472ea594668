/** Which starts are held to be on a disk that forgot something. */
import assert from "node:assert/strict";
import { limits } from "../limits.ts";
import { mayBeOld } from "./start.ts";

Deno.test("a disk may be an old one unless it is new, or was written to a moment ago", () => {
  const head = { position: 3, turn: 2, at_ms: 50_000, feed_cursor: 0, starts: 2 };
  const fresh_until_ms = head.at_ms + limits.fresh_disk_ms;
  assert.equal(mayBeOld(head, fresh_until_ms - 1), false);
  assert.equal(mayBeOld(head, fresh_until_ms), true);
  assert.equal(mayBeOld(head, head.at_ms - 1), true, "the clock says nothing of its age");
  assert.equal(mayBeOld({ ...head, starts: 1 }, fresh_until_ms), false);
});
