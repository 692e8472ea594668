/** Presentations are what they say: repeatable, still or moving, and flat or not. */
import assert from "node:assert/strict";
import { alive, attack, attackKinds } from "./presentation.ts";
import { drawScene, type Picture, type Scene } from "./scene.ts";
import { drawSheet } from "./sheet.ts";

const people = { victim: 7, thief: 8 };

function difference(one: Picture, other: Picture): number {
  let sum = 0;
  for (let i = 0; i < one.rgb.length; i++) sum += Math.abs(one.rgb[i]! - other.rgb[i]!);
  return sum / one.rgb.length;
}

Deno.test("the same seed is the same presentation, another is another", () => {
  for (const kind of attackKinds) {
    const first = attack(kind, "one", people).draw(400, 2);
    assert.deepEqual(attack(kind, "one", people).draw(400, 2).rgb, first.rgb, kind);
    assert.notDeepEqual(attack(kind, "two", people).draw(400, 2).rgb, first.rgb, kind);
  }
});

Deno.test("a picture on a stand changes by noise and light only, all else moves", () => {
  const moved = (shown: ReturnType<typeof alive>) =>
    difference(shown.draw(0, 0), shown.draw(1_500, 1)) /
    difference(shown.draw(0, 0), shown.draw(0, 9));
  const still = moved(attack("static_picture", "still", people));
  assert.ok(still < 1.2, `${still}`);
  for (const kind of ["moved_picture", "cut_out", "screen_replay"] as const) {
    const ratio = moved(attack(kind, "still", people));
    assert.ok(ratio > 1.5, `${kind}: ${ratio}`);
  }
  assert.ok(moved(alive("still", 7)) > 1.5);
});

Deno.test("who is alive turns the nose to the side that is asked for, and back", () => {
  const nose = (picture: Picture) => {
    const [right, left, tip] = picture.faces[0]!.landmarks;
    return (tip.x - (right.x + left.x) / 2) / (left.x - right.x);
  };
  for (const [side, sign] of [["left", 1], ["right", -1]] as const) {
    const shown = alive("asked", 7);
    shown.ask(side, 1_000);
    const reached = Array.from(
      { length: 30 },
      (_, i) => sign * nose(shown.draw(1_000 + 100 * i, i)),
    );
    assert.ok(Math.max(...reached) > 0.2, `${side}: ${reached}`);
    assert.ok(Math.abs(nose(shown.draw(20_000, 31))) < 0.2);
  }
});

Deno.test("company waits and walks behind what is presented, which it leaves as it is", () => {
  const alone = attack("static_picture", "company", people);
  const among = attack("static_picture", "company", people, { company: true });
  const others = (at_ms: number) => {
    const one = alone.draw(at_ms, 3).rgb, other = among.draw(at_ms, 3).rgb;
    const middle = 3 * (320 * 120 + 160);
    assert.deepEqual(other.slice(middle, middle + 30), one.slice(middle, middle + 30));
    return one.map((level, at) => level === other[at] ? 0 : 1);
  };
  const first = others(9_000), later = others(11_000);
  const share = first.reduce((sum, one) => sum + one, 0) / first.length;
  assert.ok(share > 0.02 && share < 0.6, `${share}`);
  assert.ok(first.some((one, at) => one !== later[at]), "they move");
  const again = attack("static_picture", "company", people, { company: true });
  assert.deepEqual(again.draw(9_000, 3).rgb, among.draw(9_000, 3).rgb);
});

const scene: Scene = {
  width: 64,
  height: 64,
  background_seed: 1,
  light: { level: 1, side: 0, warmth: 0 },
  noise: 0,
  noise_seed: 1,
  people: [],
};

Deno.test("a sheet shows its print where it is held, and nothing beside it or from behind", () => {
  const red = new Uint8Array(16 * 16 * 3).map((_, i) => i % 3 === 0 ? 250 : 3);
  const print = { picture: { width: 16, height: 16, rgb: red }, x: 8, y: 8, unit: 8 };
  const pose = { x: 32, y: 32, size: 20, yaw: 0, pitch: 0, roll: 0 };
  const held = { pose, half_width: 1, half_height: 1, cut: "oval" } as const;
  const empty = drawScene(scene).rgb;
  const at = (
    rgb: Uint8Array,
    x: number,
    y: number,
  ) => [...rgb.slice(3 * (64 * y + x), 3 * (64 * y + x) + 3)];
  const shown = drawScene(scene, undefined, (canvas) => drawSheet(canvas, print, held)).rgb;
  assert.deepEqual(at(shown, 32, 32), [250, 3, 3]);
  assert.deepEqual(at(shown, 23, 23), at(empty, 23, 23), "the corner is cut off");
  const behind = { ...held, pose: { ...pose, yaw: 180 } };
  assert.deepEqual(
    drawScene(scene, undefined, (canvas) => drawSheet(canvas, print, behind)).rgb,
    empty,
  );
});
