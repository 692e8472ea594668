/** What a gate is told of whoever went through it. */
import type { EventLike } from "../engine/engine.ts";
import type { Follower } from "./follow.ts";
import type { GatePassed } from "./readings.ts";

/** Whoever tells of a passage may not hear that it was taken, and tells it again: the gate knows it
 * by when it was seen. */
export function passageFact(
  { way, track, cart, bag_g, at_ms }: GatePassed,
  follower: Pick<Follower, "cartOf">,
): EventLike {
  const seen = { track, seen_at_ms: at_ms };
  if (way === "in") return { type: "gate.passed_in", ...seen };
  const whose = cart ?? follower.cartOf(track, at_ms) ?? null;
  const bag = bag_g === undefined ? {} : { bag_g };
  return { type: "gate.passed_out", ...seen, cart: whose, ...bag };
}
