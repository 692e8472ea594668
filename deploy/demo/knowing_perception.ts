/** Perception for tests of the demo store: it knows every picture there is, and asks no network. */
import assert from "node:assert/strict";
import type { CameraPort } from "../../hardware/ports.ts";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import type { HandClock } from "../../hardware/simulated/testing.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import { turnOf } from "../../runtime/sim/faces.ts";
import { toHex } from "../../runtime/vault/bytes.ts";
import { nodeVault } from "../../runtime/vault/node.ts";
import type { Eye, Perception, PerceptionReading, Template } from "../../runtime/world.ts";
import { castPeople } from "./people.ts";
import { portraits } from "./portraits.ts";
import type { Enrol } from "./shoppers.ts";

const kind = { model: "cd".repeat(32), preset: "known-pictures" };

/** The template of whoever is in these pictures: what networks do, done by knowing the pictures. */
export function recogniser(seed: number) {
  const keyOf = (data: Uint8Array) => toHex(nodeVault.sha256(data)).slice(0, 16);
  const faces = new Map(
    castPeople({ seed, people: 24 }).flatMap(({ identity, shopper }) =>
      [0, 1].flatMap((attempt) =>
        portraits(identity, attempt).map(({ data }): [string, string] => [keyOf(data), shopper])
      )
    ),
  );
  const valuesOf = (shopper: string) => {
    const chance = chanceOf(shopper);
    const values = Float32Array.from({ length: 64 }, () => chance.normal(0, 1));
    const length = Math.hypot(...values);
    return values.map((value) => value / length);
  };
  let unfit: string | undefined;
  const enrol: Enrol = ([first]) => {
    const key = first ? keyOf(first.data) : "";
    const shopper = faces.get(key);
    assert.ok(shopper, "a portrait of nobody");
    if (unfit === undefined && shopper.startsWith("Ana")) unfit = key;
    if (key === unfit) {
      return Promise.reject(new RuntimeError("request_invalid", "there are several people"));
    }
    return Promise.resolve({ ...kind, values: valuesOf(shopper) });
  };
  return { enrol, valuesOf };
}
/** Perception that needs no picture: it compares the gallery with whoever really stands there. */
export function knowingPerception(
  clock: HandClock,
  standing: (camera: string) => string | undefined,
  valuesOf: (shopper: string) => Float32Array,
): Perception {
  return {
    ...kind,
    dim: 64,
    watch(camera: CameraPort, listener: (reading: PerceptionReading) => void): Promise<Eye> {
      const gallery = new Map<string, { values: Float32Array; turn: ReturnType<typeof turnOf> }>();
      let last = "";
      let glance = 0;
      let cancel = () => {};
      const look = () => {
        cancel = clock.after(200, look);
        const shopper = standing(camera.id);
        const probe = shopper === undefined ? undefined : valuesOf(shopper);
        const found = probe &&
          [...gallery].find(([, { values, turn }]) => {
            const seen = turn(probe);
            return values.reduce((sum, value, at) => sum + value * (seen[at] ?? 0), 0) > 0.99;
          })?.[0];
        const outcome = probe === undefined ? "nobody" : found ? "identified" : "unknown";
        if (last === `${outcome} ${found}`) return;
        last = `${outcome} ${found}`;
        const matches = found ? [{ visit: found, frames: 4, liveness: "passed" as const }] : [];
        const faces = probe ? 1 : 0;
        const seen_at_ms = clock.now_ms();
        listener({ type: "matched", outcome, faces, matches, seen_at_ms, glance });
      };
      listener({ type: "started", device: "knowing" });
      look();
      return Promise.resolve({
        lookAgain: (number: number) => {
          glance = number;
          last = "";
        },
        admit: (visit: string, template: Template) => {
          const values = Float32Array.from(template.values);
          gallery.set(visit, { values, turn: turnOf(template) });
          return Promise.resolve();
        },
        wipe: (visit: string) => Promise.resolve(void gallery.delete(visit)),
        close: () => Promise.resolve(cancel()),
      });
    },
    close: () => Promise.resolve(),
  };
}
