/** Whose track it is, by the paths of two who stand side by side. */
import assert from "node:assert/strict";
import { beliefs } from "./beliefs.ts";
import type { Plate } from "./planogram.ts";
import { plates } from "./testing.ts";
import { Tracks } from "./tracks.ts";

const tea: Plate = plates[0]!;

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
  for (let at_ms = 0; at_ms < 600_000; at_ms += 100) tracks.reach("anybody", tea, at_ms);
  assert.ok(tracks.remembered < 600, `${tracks.remembered} hands of ten minutes`);
});

/** Anna and Ben stand side by side; their tracks are exchanged, each walks away as the other, and
 * four seconds later both are set right, ten metres apart. Looks say little. */
function setRight(plate = tea, hand_ms = Infinity): Tracks {
  const tracks = new Tracks(beliefs);
  tracks.enter("t1", "anna", 0);
  tracks.enter("t2", "ben", 0);
  for (let at_ms = 0; at_ms <= 12_000; at_ms += 500) {
    if (at_ms >= hand_ms && at_ms < hand_ms + 500) tracks.reach("t1", plate, hand_ms);
    const away_m = Math.max(0, Math.min(5, (at_ms - 2_500) / 500));
    const exchanged = at_ms > 2_500 && at_ms <= 7_500;
    const [anna, ben] = [0.3 + away_m, -0.3 - away_m];
    tracks.see("t1", at_ms, exchanged ? ben : anna, 0);
    tracks.see("t2", at_ms + 200, at_ms + 200 > 2_500 && at_ms + 200 <= 7_500 ? anna : ben, 0);
  }
  return tracks;
}

Deno.test("tracks: who jumps into another's place has not met him there", () => {
  const tracks = setRight();
  assert.ok(annas(tracks, 2_000) > 0.9, `${annas(tracks, 2_000)} before`);
  assert.ok(annas(tracks, 6_000) < 0.05, `${annas(tracks, 6_000)} exchanged`);
  assert.ok(annas(tracks, 9_000) > 0.9, `${annas(tracks, 9_000)} after`);
});

Deno.test("tracks: between two looks nobody knows whether they have been set right", () => {
  const tracks = setRight();
  const share = annas(tracks, 7_600);
  assert.ok(share > 0.4 && share < 0.6, `${share}`);
});

Deno.test("tracks: a hand that is seen says where its track was when both jumped", () => {
  for (const [there, x_m] of [[false, -5], [true, 5]] as const) {
    const tracks = setRight({ ...tea, x_m }, 7_600);
    const share = annas(tracks, 7_600);
    assert.ok(there ? share > 0.9 : share < 0.1, `${share} with a hand at ${x_m} m`);
  }
});

Deno.test("tracks: who was not seen for two seconds may have met somebody", () => {
  const tracks = new Tracks(beliefs);
  tracks.enter("t1", "anna", 0);
  tracks.enter("t2", "ben", 0);
  // Ben walks up to Anna unseen, and each goes on as the other.
  tracks.see("t2", 0, 3, 0);
  tracks.see("t2", 500, 2.4, 0);
  for (const at_ms of [1_000, 1_500, 2_000]) tracks.see("t1", at_ms, 0, 0);
  for (const at_ms of [2_500, 3_000]) {
    tracks.see("t1", at_ms, (at_ms - 2_000) / 1_000, 0.5);
    tracks.see("t2", at_ms + 100, -0.4, 0);
  }
  for (const at_ms of [3_000, 4_000, 5_000]) {
    tracks.look("t1", "ben", at_ms);
    tracks.look("t2", "anna", at_ms);
  }
  assert.ok(annas(tracks, 4_500) < 0.1, `${annas(tracks, 4_500)}`);
});
