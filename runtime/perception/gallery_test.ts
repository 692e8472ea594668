/** Who is found, and how alike, does not depend on the rotation under which a template came. */
import assert from "node:assert/strict";
import { Gallery } from "../../wasm/match.ts";
import { rotationOf } from "../vault/rotation.ts";
import { limits } from "../limits.ts";
import { RotatedGallery } from "./gallery.ts";
import { direction } from "./testing.ts";

const dim = 128;
const people = 64;
const person = (number: number) => direction(dim, number, (number + 1) % dim, 0.3);
const keyOf = (name: string) => ({ name, key: new Uint8Array(32).fill(name.charCodeAt(0)) });
const make = () => Gallery.create({ dim, capacity: 8 });

/** Somebody's probe: near their template, and somewhat like another's. */
const probe = (number: number) => direction(dim, number, (number + 1) % dim, 0.5);

/** With this many templates the kernel scans by int8 codes, and rescores. */
function galleries(days: readonly string[]) {
  const plain = make();
  const turned = new RotatedGallery(dim, make);
  for (let number = 0; number < people; number++) {
    const id = `visit-${String(number).padStart(2, "0")}`;
    plain.add(id, person(number));
    const key = keyOf(days[number % days.length]!);
    turned.add(id, rotationOf(key.key, dim).turn(person(number)), key);
  }
  return { plain, turned };
}

Deno.test("scores are those of the unturned gallery, on one day and across two", () => {
  for (const days of [["monday"], ["monday", "tuesday"]]) {
    const { plain, turned } = galleries(days);
    assert.equal(turned.size, people);
    for (let number = 0; number < people; number++) {
      const expected = plain.search(probe(number), { k: 5 });
      const found = turned.search(probe(number), { k: 5 });
      assert.equal(found[0]?.id, expected[0]?.id);
      found.forEach(({ score }, at) =>
        assert.ok(Math.abs(score - expected[at]!.score) < 1e-6, `${number} ${at}`)
      );
    }
  }
});

Deno.test("templates of another store or day match nobody here", () => {
  const { turned } = galleries(["monday"]);
  const stolen = rotationOf(keyOf("tuesday").key, dim);
  for (let number = 0; number < people; number++) {
    const [best] = turned.search(stolen.turn(person(number)), { k: 1 });
    assert.ok(best!.score < 0.6, `${number} ${best!.score}`);
  }
});

Deno.test("who leaves is found no more; days that are over make room for others", () => {
  const gallery = new RotatedGallery(dim, make);
  for (let day = 0; day < 3 * limits.rotations; day++) {
    const key = keyOf(String.fromCharCode(65 + day));
    gallery.add("ada", rotationOf(key.key, dim).turn(person(1)), key);
    assert.equal(gallery.search(person(1), { k: 1 })[0]?.id, "ada");
    gallery.remove("ada");
    assert.deepEqual(gallery.search(person(1), { k: 1 }), []);
  }
  const add = (number: number) => {
    const key = keyOf(String.fromCharCode(65 + number));
    gallery.add(`visit-${number}`, rotationOf(key.key, dim).turn(person(number)), key);
  };
  for (let day = 0; day < limits.rotations; day++) add(day);
  assert.throws(() => add(limits.rotations), /too many days/);
  gallery.clear();
  assert.equal(gallery.size, 0);
  gallery.add("bob", person(2));
  assert.equal(gallery.search(person(2), { k: 1 })[0]?.id, "bob", "turned by none");
});
