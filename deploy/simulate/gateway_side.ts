/**
 * The gateway as a process of the simulation: the very same code on a simulated disk. It is killed
 * between and within commits, stopped, restarted, and put back to an old copy of its disk.
 */
// long because all that may befall one process of the gateway is to be seen in one place
import type { Devices } from "../../hardware/ports.ts";
import type { Chance } from "../../hardware/simulated/chance.ts";
import type { Config } from "../../runtime/config.ts";
import type { EngineOptions } from "../../runtime/engine/create.ts";
import type { Rest } from "../../runtime/engine/options.ts";
import { limits } from "../../runtime/limits.ts";
import { InvariantError, RuntimeError } from "../../runtime/errors.ts";
import { type Gateway, gateway } from "../../runtime/gateway.ts";
import { openSimulatedJournal, SimulatedDisk } from "../../runtime/sim/disk.ts";
import { Process } from "../../runtime/sim/process.ts";
import { createRecogniser } from "../../runtime/sim/recogniser.ts";
import { Road, type RoadState } from "../../runtime/sim/road.ts";
import type { Scheduler } from "../../runtime/sim/scheduler.ts";
import type { GatewayIdentity } from "../../runtime/sync/identity.ts";
import type { Clock, Log, Perception, Random, RetailerLink, Vault } from "../../runtime/world.ts";
import type { Speak } from "../../runtime/sync/contract/port.ts";
import type { FeedReader } from "../issuer/rooms/feed.ts";
import { type Letter, pathOf } from "./letter.ts";
import { speakDirectly } from "./wire.ts";
import type { WireKind } from "./setting.ts";
import type { TillHears, TillWord } from "../demo/till_words.ts";
import { cashiersOf, demoOperators } from "../demo/operators.ts";
import { soldBy } from "./till_wire.ts";
import type { Plan } from "./plan.ts";
import type { Witness } from "./witness.ts";

export interface GatewaySideSetting {
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly random: Random;
  readonly vault: Vault;
  readonly config: Config;
  readonly identity: GatewayIdentity;
  readonly devices: Devices;
  /** What one of its processes finds of the walk-out aisle. */
  readonly aisle: (process: Process) => {
    readonly retailer: RetailerLink;
    readonly devices: Pick<Devices, "gates" | "readings">;
  };
  readonly road: RoadState;
  /** The issuer, over HTTP and without it. */
  readonly serve: (request: Request) => Promise<Response>;
  readonly deliver: (letter: Letter) => Promise<unknown>;
  readonly wire: WireKind;
  /** It has started. */
  readonly up: () => void;
  readonly plan: () => Plan;
  readonly witness: Witness;
  readonly log: Log;
  /** The code broke a promise to itself: nothing that is simulated may cause that. */
  readonly broken: (error: unknown) => void;
}

class Crash extends Error {
  override readonly name = "Crash";
}

interface Running {
  readonly process: Process;
  readonly perception: Perception;
  readonly gateway: Gateway;
}

/** Usually a supervisor starts it again at once. */
const down_ms = [200, 3_000] as const;
const long_down_ms = [3_000, 40_000] as const;
const long_down = 0.2;
/** Somebody has to put the backup back. */
const restore_ms = [10_000, 90_000] as const;
/** From a failed commit to the end of the process: what was answered before still goes out. */
const dying_ms = 50;
const ended_actors_kept = 16_000;
const quiet_on_such_days_ms = 3_000;
/** Nobody guesses PINs here. */
const quick_hash = 2;

/** How often its cameras are wrong, as the plan of the day has it. */
function ratesOf(plan: () => Plan) {
  return {
    get miss() {
      return 0.02 + plan().recogniser_miss;
    },
    get confuse() {
      return 0.02 + plan().recogniser_confuse;
    },
    get mistake() {
      return plan().recogniser_mistake;
    },
    get unsure() {
      return plan().recogniser_unsure;
    },
  };
}

export class GatewaySide {
  disk = new SimulatedDisk();
  /** How far its clock is wrong. */
  offset_ms = 0;
  /** How often its process ended, in whatever way. */
  ends = 0;
  restores = 0;
  /** Messages between actors that did not arrive at once, or not only once. */
  strayed = 0;
  /** Turns of the processes that have ended. */
  #past_turns = 0;
  readonly #setting: GatewaySideSetting;
  #running: Running | undefined;
  #backup: SimulatedDisk | undefined;
  #coming = false;
  #shut = false;

  constructor(setting: GatewaySideSetting) {
    this.#setting = setting;
  }

  get running(): Gateway | undefined {
    return this.#running?.gateway;
  }

  /** Turns of the engine, in all its processes so far. */
  get turns(): number {
    return this.#past_turns + (this.#running?.gateway.engine.statistics().turns ?? 0);
  }

  start(): void {
    this.#coming = false;
    if (this.#running || this.#shut) return;
    const { scheduler, chance, plan, witness, serve, broken } = this.#setting;
    const { random, vault, devices, config, identity, log } = this.#setting;
    const process = new Process(scheduler);
    const clock = process.clockWith(() => this.offset_ms);
    const rates = ratesOf(plan);
    const watch = witness;
    const perception = createRecogniser({ clock, chance: chance.fork("eye"), rates, watch });
    const road = new Road({ clock: scheduler, chance, state: this.#setting.road, serve });
    const issuer = {
      origin: config.issuer.url,
      fetch: (request: Request) => this.#send(process, road, request),
    };
    this.disk.forget(ended_actors_kept);
    const journal = openSimulatedJournal(this.disk, {
      before: () => process.alive ? this.#troubleBefore() : new Crash("a dead process writes"),
      written: (batch) => witness.committed(batch),
      after: () => this.#crashed(plan().gateway_crashes / 2),
    });
    const aisle = this.#setting.aisle(process);
    const wired = { ...devices, ...aisle.devices, close: () => Promise.resolve() };
    const { retailer } = aisle;
    const world = { clock, random, vault, journal, issuer, retailer, perception, log };
    const made = gateway({ ...world, devices: wired }, {
      config,
      identity,
      operators: this.#setting.wire === "http"
        ? demoOperators(random, cashiersOf(config), quick_hash)
        : [],
      scheduling: { defer: scheduler.soon, deliver: this.#deliver, rest: this.#rest },
      ...(this.#setting.wire === "http" ? {} : { speak: this.#speak(process, road, clock) }),
    });
    const running = { process, perception, gateway: made };
    this.#running = running;
    made.engine.failed.then((error) => {
      const expected = error instanceof Crash || error instanceof RuntimeError;
      if (!expected || error instanceof InvariantError) broken(error);
      scheduler.after(dying_ms, () => this.#end(running));
    });
    made.start().catch((error) => {
      if (process.alive && !(error instanceof RuntimeError)) broken(error);
    });
    this.#setting.up();
  }

  /** Answers tills. Rejects when nobody is there, and when it dies meanwhile. */
  fetch = (request: Request): Promise<Response> =>
    this.#answer(request.signal, ({ app }) => app.fetch(request));

  /** Answers a word of a till that has come along a road. */
  sell = (lane: string, word: TillWord, signal: AbortSignal): Promise<TillHears> =>
    this.#answer(signal, ({ app }) => soldBy(app, lane, word, signal));

  /** Tells what the lane's display shows for as long as this process lives. */
  follow = (
    lane: string,
    tell: (now: unknown) => void,
    ended: () => void,
  ): (() => void) | undefined => {
    const running = this.#running;
    if (!running) return undefined;
    const { process, gateway } = running;
    const stop = gateway.app.follow(lane, (now) => process.alive ? tell(now) : undefined);
    const forget = process.onEnd(ended);
    return () => {
      forget();
      stop();
    };
  };

  crash(): void {
    if (this.#running) this.#end(this.#running);
  }

  /** Stops it as an operator does, and starts it again. */
  restart(): void {
    const running = this.#running;
    if (!running) return;
    const ended = () => this.#end(running);
    running.process.hold(running.gateway.stop()).then(ended, (error) => {
      if (error instanceof InvariantError) this.#setting.broken(error);
      ended();
    });
  }

  /** Stops it as an operator does, for the night. */
  switchOff(): void {
    this.#shut = true;
    this.restart();
  }

  switchOn(): void {
    this.#shut = false;
    this.start();
  }

  backUp(): void {
    this.#backup = this.disk.copy();
  }

  /** Puts the backup in the place of the disk. */
  restore(): void {
    if (!this.#backup || !this.#running) return;
    this.restores++;
    this.#end(this.#running, restore_ms);
    this.disk = this.#backup.copy(this.disk.head.starts);
    this.#setting.witness.restored(this.disk);
  }

  #answer<T>(signal: AbortSignal, ask: (gateway: Gateway) => T | Promise<T>): Promise<T> {
    const running = this.#running;
    if (!running) return Promise.reject(new TypeError("connection refused"));
    return new Promise((resolve, reject) => {
      const lost = () => reject(new TypeError("connection reset"));
      const forget = running.process.onEnd(lost);
      signal.addEventListener("abort", lost, { once: true });
      const answer = Promise.resolve(ask(running.gateway));
      running.process.hold(answer).finally(forget).then(resolve, reject);
    });
  }

  #end(running: Running, down?: readonly [number, number]): void {
    if (this.#running !== running) return;
    this.ends++;
    this.#past_turns += running.gateway.engine.statistics().turns;
    this.#running = undefined;
    running.process.kill();
    running.perception.close().catch(this.#setting.broken);
    if (this.#coming || this.#shut) return;
    this.#coming = true;
    const { scheduler, chance } = this.#setting;
    const range = down ?? (chance.happens(long_down) ? long_down_ms : down_ms);
    scheduler.after(chance.between(...range), () => this.start());
  }

  #troubleBefore(): Error | undefined {
    const { chance, plan } = this.#setting;
    const { disk_failures, disk_full, gateway_crashes } = plan();
    if (chance.happens(disk_failures)) {
      return new RuntimeError("disk_failed", "the simulated disk failed: see its plan");
    }
    if (chance.happens(disk_full)) {
      return new RuntimeError("disk_full", "the simulated disk is full: see its plan");
    }
    return this.#crashed(gateway_crashes / 2);
  }

  #crashed(share: number): Error | undefined {
    if (!this.#setting.chance.happens(share)) return undefined;
    this.crash();
    return new Crash("the gateway's process was killed");
  }

  #deliver: NonNullable<EngineOptions["deliver"]> = () => {
    const { chance, plan } = this.#setting;
    const { message_delay, message_repeat } = plan();
    const first = chance.happens(message_delay) ? Math.ceil(chance.between(1, 4_000)) : 0;
    const repeats = chance.happens(message_repeat);
    if (first > 0 || repeats) this.strayed++;
    if (!repeats) return [first];
    return [first, first + Math.ceil(chance.between(1, 8_000))];
  };

  /** On some days nearly everybody who is quiet for a moment is left to the disk. */
  readonly #rest = ((plan: () => Plan): Rest => ({
    get awake_actors() {
      return plan().awake_actors || limits.awake_actors;
    },
    get quiet_ms() {
      return plan().awake_actors > 0 ? quiet_on_such_days_ms : limits.quiet_ms;
    },
  }))(() => this.#setting.plan());

  /** A way to the issuer without HTTP. */
  #speak(process: Process, road: Road, clock: Clock): Speak {
    const { random, vault, deliver, witness } = this.#setting;
    const drop = (answer: unknown) => (answer as Partial<FeedReader>).close?.();
    return speakDirectly({
      vault,
      clock,
      random,
      road,
      send(letter) {
        if (!process.alive) return new Promise(() => {});
        const { name, ask: { key } } = letter;
        if (key !== undefined) witness.sent(pathOf(name), key);
        const isFeed = name === "feed";
        return process.hold(road.carry(() => deliver(letter), isFeed ? drop : undefined));
      },
    });
  }

  #send(process: Process, road: Road, request: Request): Promise<Response> {
    if (!process.alive) return new Promise(() => {});
    const key = request.headers.get("idempotency-key");
    if (key !== null) {
      this.#setting.witness.sent(new URL(request.url).pathname, key.replaceAll('"', ""));
    }
    const cut = new AbortController();
    const forget = process.onEnd(() => cut.abort());
    const signal = AbortSignal.any([request.signal, cut.signal]);
    const answer = process.hold(road.fetch(new Request(request, { signal })));
    const isFeed = request.headers.get("accept") === "text/event-stream";
    if (!isFeed) answer.then(forget, forget);
    else request.signal.addEventListener("abort", forget, { once: true });
    return answer;
  }
}
