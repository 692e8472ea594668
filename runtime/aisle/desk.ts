/**
 * The side of an aisle that is asked: readings are given to whom they concern, people who decide
 * are heard, and whoever asks learns what became of it.
 */
import type { AisleConfig } from "../config.ts";
import type { ActorView, Engine, Posted } from "../engine/engine.ts";
import { RuntimeError } from "../errors.ts";
import { uuidOf } from "../vault/bytes.ts";
import { limits } from "../limits.ts";
import type { Clock, Random } from "../world.ts";
import type { CodeWatch } from "./codes.ts";
import type { Equipment } from "./equipment.ts";
import type { Follower } from "./follow.ts";
import type { AislePort } from "./port.ts";
import { passageFact } from "./passages.ts";
import type { AisleReading } from "./readings.ts";

export interface DeskOptions {
  readonly engine: Engine;
  readonly aisle: AisleConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly follower: Follower;
  readonly watch: CodeWatch;
  readonly equipment: Equipment;
}

export interface Desk {
  readonly port: AislePort;
  /** One reading, as `port.take` has it. */
  takeOne(reading: AisleReading): Promise<void>;
  /** A gate's camera knows who stands there. Nobody comes in who is inside. */
  showFace(gate: string, visit: string, camera: string): Promise<void>;
}

export function createDesk(
  { engine, aisle, clock, random, follower, watch, equipment }: DeskOptions,
): Desk {
  const gates = new Set(aisle.gates.map(({ id }) => id));
  const plates = new Set(aisle.shelves.flatMap((shelf) => shelf.plates.map(({ id }) => id)));
  const gtins = new Set(aisle.products.map(({ gtin }) => gtin));

  const knownGate = (gate: string) => {
    if (gates.has(gate)) return;
    throw new RuntimeError("not_found", `there is no gate ${gate} in this store`);
  };

  /** Time only goes on in the tracker: one word of tomorrow, and nothing of today would count. */
  function check(reading: AisleReading): void {
    if ("gate" in reading) knownGate(reading.gate);
    if ("plate" in reading && !plates.has(reading.plate)) {
      throw new RuntimeError("not_found", `there is no plate ${reading.plate} in this store`);
    }
    const ahead_ms = reading.at_ms - clock.now_ms();
    if (ahead_ms <= limits.reading_ahead_ms) return;
    throw new RuntimeError(
      "request_invalid",
      `a reading (${reading.type}) is ${Math.round(ahead_ms / 1_000)} s ahead of the gateway's ` +
        "clock: set the clock of what sends it",
    );
  }

  async function takeOne(reading: AisleReading): Promise<void> {
    check(reading);
    if (reading.type === "gate.passed") {
      return void await engine.post(`gate/${reading.gate}`, passageFact(reading, follower, engine));
    }
    if (reading.type === "gate.code_shown") {
      return void await port.showCode(reading.gate, reading.code);
    }
    follower.take(reading);
  }

  async function want(
    gate: string,
    wish: Record<string, unknown> & { type: string },
  ): Promise<{ entry: string; posted: Posted }> {
    knownGate(gate);
    const entry = uuidOf(random.bytes(16));
    return { entry, posted: await engine.post(`gate/${gate}`, { ...wish, entry }) };
  }

  async function showFace(gate: string, visit: string, camera: string): Promise<void> {
    const account = engine.view(`visit/${visit}`)?.context["account"];
    const inside = engine.views("cart").some(({ state, context }) =>
      state === "shopping" && context["account"] === account
    );
    if (account !== undefined && !inside) {
      await want(gate, { type: "gate.face_seen", visit, camera });
    }
  }

  const cartOf = (trip: string): ActorView => {
    const found = engine.view(`cart/${trip}`);
    if (found !== undefined) return found;
    throw new RuntimeError("not_found", `there is no cart ${trip}`);
  };

  const port: AislePort = {
    async take(readings) {
      readings.forEach(check);
      for (const reading of readings) await takeOne(reading);
    },
    async showCode(gate, code) {
      knownGate(gate);
      const before = watch.known(gate, code);
      if (before !== undefined) {
        const view = engine.view(`gate/${gate}`);
        return { entry: before, posted: { accepted: true, view } };
      }
      const asked = await want(gate, { type: "gate.code_read", entry_code: code });
      if (asked.posted.accepted) watch.remember(gate, code, asked.entry);
      return asked;
    },
    letIn(gate, { visit, operator, people }) {
      if (engine.view(`visit/${visit}`) === undefined) {
        throw new RuntimeError("not_found", `nobody is checked in as ${visit}`);
      }
      return want(gate, { type: "operator.let_in", visit, operator, people });
    },
    equipment: () => equipment.states,
    gate: (gate) => engine.view(`gate/${gate}`),
    gates: () =>
      [...gates].flatMap((gate) => {
        const view = engine.view(`gate/${gate}`);
        return view === undefined ? [] : [{ gate, view }];
      }),
    cart: (trip) => engine.view(`cart/${trip}`),
    queue: () =>
      engine.views("cart").filter(({ state }) => state === "in_review" || state === "disputed")
        .sort((a, b) => Number(a.context["left_at_ms"]) - Number(b.context["left_at_ms"])),
    products: aisle.products.map(({ gtin, name = null }) => ({ gtin, name })),
    async decide(trip, lines, operator) {
      cartOf(trip);
      const stranger = lines.find(({ gtin }) => !gtins.has(gtin));
      if (stranger !== undefined) {
        const message = `${stranger.gtin} is no product of this store`;
        throw new RuntimeError("request_invalid", message);
      }
      return await engine.post(`cart/${trip}`, { type: "operator.cart_decided", lines, operator });
    },
    async decideDispute(trip, dispute, granted, operator) {
      cartOf(trip);
      const decided = { type: "operator.dispute_decided", dispute, granted, operator };
      return await engine.post(`cart/${trip}`, decided);
    },
  };

  return { port, takeOne, showFace };
}
