/**
 * Changes of account data as a lane asks for them: who it is about is named by a visit, or by
 * initials that nobody else in the lane's zone has. That it is them, their face is to prove.
 */
import type { Address } from "../../actors/messages.ts";
import type { ChangeAsked, Changes } from "../counter.ts";
import type { Config } from "../config.ts";
import type { ActorView, Engine } from "../engine/engine.ts";
import { RuntimeError } from "../errors.ts";
import type { Clock, Vault } from "../world.ts";
import { changeIds } from "./payment_id.ts";

export interface ChangesOptions {
  readonly engine: Pick<Engine, "post" | "view" | "views">;
  readonly config: Pick<Config, "lanes" | "policies">;
  readonly vault: Vault;
  readonly clock: Clock;
}

const changeAt = (id: string): Address => `change/${id}`;
const invalid = (message: string) => new RuntimeError("request_invalid", message);
const tidy = (text: string) => text.normalize("NFKC").replace(/[\s.]/g, "").toUpperCase();
const here = ["present", "fading"];

export function createChanges({ engine, config, vault, clock }: ChangesOptions): Changes {
  function laneOf(name: string) {
    const found = config.lanes.find(({ id }) => id === name);
    if (found) return found;
    throw new RuntimeError("not_found", `there is no lane ${name} in this store`);
  }

  /** Throws unless exactly one person is meant who is here. */
  function visitOf(zone: string, { visit, initials }: ChangeAsked): string {
    const isHere = (view: ActorView | undefined) =>
      view !== undefined && here.includes(String(view.state)) && view.context["zone"] === zone;
    if (visit !== undefined) {
      if (isHere(engine.view(`visit/${visit}`))) return visit;
      throw invalid(`visit ${visit} is not here: the shopper must have checked in`);
    }
    const meant = engine.views("visit").filter((view) =>
      isHere(view) && tidy(String(view.context["initials"])) === tidy(initials ?? "")
    );
    if (meant.length === 1) return meant[0]!.address.slice("visit/".length);
    throw invalid(
      meant.length === 0
        ? "nobody with these initials is here: the shopper must have checked in"
        : "several people here have these initials: name the visit",
    );
  }

  function find(lane: string, change: string): ActorView | undefined {
    const view = engine.view(changeAt(change));
    return view?.context["lane"] === lane ? view : undefined;
  }

  return {
    async request(lane, asked) {
      const { zone, camera } = laneOf(lane);
      const ids = changeIds(vault, lane, asked.service_id, clock.now_ms());
      const known = ids.find((id) => find(lane, id));
      if (known) return { change: known };
      const change = ids[0]!;
      if (config.policies.shadow) throw invalid("in shadow mode no account is changed");
      if (engine.view(`lane/${lane}`)?.state !== "idle") {
        throw new RuntimeError("busy", `lane ${lane} is at a sale: end or cancel it first`);
      }
      const { operator, wanted } = asked;
      const visit = visitOf(zone, asked);
      await engine.post(changeAt(change), {
        type: "operator.change_requested",
        lane,
        camera,
        visit,
        operator,
        wanted,
      });
      return { change };
    },
    change: find,
    async cancel(lane, change, operator) {
      if (!find(lane, change)) {
        throw new RuntimeError("not_found", `lane ${lane} has no change ${change}`);
      }
      return await engine.post(changeAt(change), { type: "operator.change_cancelled", operator });
    },
  };
}
