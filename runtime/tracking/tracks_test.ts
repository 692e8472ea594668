/** Whose track it is, by the paths of two who stand side by side. */
import assert from "node:assert/strict";
import { beliefs } from "./beliefs.ts";
import { Tracks } from "./tracks.ts";

/** Anna and Ben stand half a metre apart; from then on each of the two tracks follows the other
 * one of them. Nobody looks at them until later. */
function standing(exchanged_ms: number): Tracks {
  const tracks = new Tracks(beliefs);
  tracks.enter("t1", "anna", 0);
  tracks.enter("t2", "ben", 0);
  for (let at_ms = 0; at_ms < 6_000; at_ms += 500) {
    const wobble_m = 0.05 * Math.sin(at_ms);
    const exchanged = at_ms >= exchanged_ms;
    tracks.see("t1", at_ms, exchanged ? 0.5 : 0, wobble_m);
    // A little later, as cameras take turns.
    tracks.see("t2", at_ms + 200, at_ms + 200 >= exchanged_ms ? 0 : 0.5, -wobble_m);
  }
  for (const [track, cart] of [["t1", "ben"], ["t2", "anna"]] as const) {
    for (const at_ms of [6_000, 7_000]) tracks.look(track, cart, at_ms);
  }
  return tracks;
}

const annas = (tracks: Tracks, at_ms: number) => tracks.whose("t1", at_ms).get("anna") ?? 0;

for (const exchanged_ms of [1_500, 3_600]) {
  Deno.test(`tracks: an exchange at ${exchanged_ms} ms is dated by the paths alone`, () => {
    const tracks = standing(exchanged_ms);
    const [before, after] = [exchanged_ms - 300, exchanged_ms + 500];
    assert.ok(annas(tracks, before) > 0.9, `${annas(tracks, before)} before`);
    assert.ok(annas(tracks, after) < 0.1, `${annas(tracks, after)} after`);
  });
}

Deno.test("tracks: hands of somebody whom no camera places are forgotten like anybody's", () => {
  const tracks = new Tracks(beliefs);
  for (let at_ms = 0; at_ms < 600_000; at_ms += 100) tracks.reach("anybody", "tea", at_ms);
  assert.ok(tracks.remembered < 600, `${tracks.remembered} hands of ten minutes`);
});
