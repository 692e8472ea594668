/** What a gate is told of whoever went through it. */
import type { ActorView, Engine, EventLike } from "../engine/engine.ts";
import type { Follower } from "./follow.ts";
import type { GatePassed } from "./readings.ts";

/** Whoever tells of a passage may not hear that it was taken, and tells it again: the gate knows it
 * by when it was seen. */
export function passageFact(
  { way, track, cart, bag_g, at_ms }: GatePassed,
  follower: Pick<Follower, "cartOf">,
  engine: Pick<Engine, "views">,
): EventLike {
  const seen = { track, seen_at_ms: at_ms };
  if (way === "in") return { type: "gate.passed_in", ...seen };
  const whose = cart ?? follower.cartOf(track, at_ms) ?? cameInAs(track, engine.views("cart"));
  const bag = bag_g === undefined ? {} : { bag_g };
  return { type: "gate.passed_out", ...seen, cart: whose ?? null, ...bag };
}

/** Where the tracker has forgotten a track, since it was told of it long after it had been seen:
 * the cart that came in with it. */
function cameInAs(track: string, carts: readonly ActorView[]): string | undefined {
  const entered_ms = ({ context }: ActorView) => Number(context["entered_at_ms"]);
  // A name may be given again: it is whose it was last.
  const [last] = carts.filter(({ state, context }) =>
    state === "shopping" && (context["tracks"] as string[]).includes(track)
  ).sort((a, b) => entered_ms(b) - entered_ms(a));
  return last?.address.slice("cart/".length);
}
