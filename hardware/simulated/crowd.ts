/**
 * The shoppers of a simulated shop: they arrive, look around, queue, stand at the pay position
 * until they are served, and go. Nobody moves by ticks: each leg of a walk is known when it
 * begins, so a shop costs nothing while nobody looks at it.
 */
import type { Chance } from "./chance.ts";
import {
  type Body,
  bodyOf,
  type FloorClock,
  positionOf,
  type Regular,
  type Walker,
} from "./walker.ts";
import { distanceBetween, type Plan, type PlanLane, type Spot } from "./plan.ts";

/** How busy the shop is. Times are means; each person's own vary around them. */
export interface Pace {
  readonly arrival_ms: number;
  readonly dwell_ms: number;
  /** How long somebody stands at the pay position before giving up. */
  readonly patience_ms: number;
  /** How long somebody stays away before coming again. */
  readonly away_ms: number;
  readonly walk_metres_per_s: number;
  readonly inside_at_most: number;
}

export const busyPace: Pace = {
  arrival_ms: 700,
  dwell_ms: 2_200,
  patience_ms: 30_000,
  away_ms: 2_500,
  walk_metres_per_s: 3.5,
  inside_at_most: 18,
};

/** What happens to somebody on the floor. A leg of a walk is told when it begins. */
export type Happening =
  & { readonly shopper: string }
  & (
    | { readonly type: "arrived" | "left" }
    | { readonly type: "walks"; readonly to: Spot; readonly there_at_ms: number }
    | {
      readonly type: "queues" | "at_pay_position" | "released" | "gave_up";
      readonly lane: string;
    }
  );
export type Told = Happening & { readonly at_ms: number };

interface Line {
  readonly lane: PlanLane;
  /** At the pay position, or on the way to it. */
  paying: Walker | undefined;
  there: boolean;
  readonly queue: Walker[];
}

export interface CrowdSetting {
  readonly plan: Plan;
  readonly chance: Chance;
  readonly clock: FloorClock;
  readonly people: readonly Regular[];
  readonly pace: Pace;
  readonly tell: (told: Told) => void;
}

export class Crowd {
  readonly #setting: CrowdSetting;
  readonly #door: Chance;
  readonly #lines: Map<string, Line>;
  readonly #inside = new Map<string, Walker>();
  readonly #away_until_ms = new Map<string, number>();
  readonly #visits = new Map<string, number>();
  #cancelDoor: () => void = () => {};

  constructor(setting: CrowdSetting) {
    this.#setting = setting;
    this.#door = setting.chance.fork("door");
    this.#lines = new Map(setting.plan.lanes.map((lane) => [
      lane.id,
      { lane, paying: undefined, there: false, queue: [] },
    ]));
  }

  /** Opens the door. */
  open(): void {
    const { clock, pace } = this.#setting;
    const gap_ms = Math.min(
      pace.arrival_ms * 4,
      -pace.arrival_ms * Math.log(1 - this.#door.next()),
    );
    this.#cancelDoor();
    this.#cancelDoor = clock.after(gap_ms, () => {
      this.#letIn();
      this.open();
    });
  }

  /** Nobody comes any more; who is inside stays and can still be served. */
  shut(): void {
    this.#cancelDoor();
  }

  /** Everybody stops where they are. */
  freeze(): void {
    this.shut();
    for (const walker of this.#inside.values()) walker.cancel();
  }

  /** Who stands at the lane's pay position; somebody on the way to it does not yet. */
  standing(lane: string): string | undefined {
    const line = this.#line(lane);
    return line.there ? line.paying?.person.shopper : undefined;
  }

  /** Lets the one at the pay position go; undefined when nobody stood there. */
  release(lane: string): string | undefined {
    const line = this.#line(lane);
    if (!line.there || line.paying === undefined) return undefined;
    return this.#vacate(line, line.paying, "released");
  }

  /** Everybody inside, in the order in which they came. */
  bodies(): Body[] {
    const now_ms = this.#setting.clock.now_ms();
    return [...this.#inside.values()].map((walker) => bodyOf(walker, now_ms));
  }

  where(shopper: string): Spot | undefined {
    const walker = this.#inside.get(shopper);
    return walker && positionOf(walker, this.#setting.clock.now_ms());
  }

  #tell(happening: Happening): void {
    this.#setting.tell({ ...happening, at_ms: this.#setting.clock.now_ms() });
  }

  #line(lane: string): Line {
    const line = this.#lines.get(lane);
    if (line === undefined) throw new RangeError(`the plan has no lane ${lane}`);
    return line;
  }

  #letIn(): void {
    const { people, pace, plan, chance, clock } = this.#setting;
    if (this.#inside.size >= pace.inside_at_most) return;
    const now_ms = clock.now_ms();
    const willing = people.filter(({ shopper }) =>
      !this.#inside.has(shopper) && (this.#away_until_ms.get(shopper) ?? 0) <= now_ms
    );
    if (willing.length === 0) return;
    // Everybody comes once before anybody comes twice, in an order that the seed decides.
    const before = ({ shopper }: Regular) => this.#visits.get(shopper) ?? 0;
    const fewest = Math.min(...willing.map(before));
    const person = this.#door.pick(willing.filter((one) => before(one) === fewest));
    this.#visits.set(person.shopper, fewest + 1);
    const walker: Walker = {
      person,
      chance: chance.fork(`${person.shopper}/${fewest}`),
      doing: "browsing",
      from: plan.entrance,
      to: plan.entrance,
      since_ms: now_ms,
      until_ms: now_ms,
      cancel: () => {},
    };
    this.#inside.set(person.shopper, walker);
    this.#tell({ type: "arrived", shopper: person.shopper });
    this.#browse(walker);
  }

  #browse(walker: Walker): void {
    const { plan, pace, clock } = this.#setting;
    const zone = walker.chance.pick(plan.zones);
    const shelf = {
      x_m: zone.corner.x_m + walker.chance.between(0, zone.width_m),
      y_m: zone.corner.y_m + walker.chance.between(0, zone.depth_m),
    };
    const dwell_ms = pace.dwell_ms * walker.chance.between(0.5, 1.5);
    this.#walk(walker, shelf, () => {
      walker.cancel = clock.after(dwell_ms, () => this.#chooseLane(walker));
    });
  }

  #chooseLane(walker: Walker): void {
    const length = (line: Line) => line.queue.length + (line.paying === undefined ? 0 : 1);
    const open = [...this.#lines.values()].filter((one) =>
      one.queue.length < one.lane.queue.length
    );
    const shortest = Math.min(...open.map(length));
    const best = open.filter((one) => length(one) === shortest);
    if (best.length === 0) return this.#browse(walker);
    const line = walker.chance.pick(best);
    walker.doing = "queueing";
    line.queue.push(walker);
    this.#tell({ type: "queues", shopper: walker.person.shopper, lane: line.lane.id });
    this.#closeUp(line);
  }

  /** Sends the first to a free pay position and everybody behind to their place. */
  #closeUp(line: Line): void {
    if (line.paying === undefined) {
      const next = line.queue.shift();
      if (next === undefined) return;
      line.paying = next;
      next.doing = "paying";
      this.#walk(next, line.lane.pay_position, () => this.#stand(line, next));
    }
    for (const [place, walker] of line.queue.entries()) {
      const spot = line.lane.queue[place];
      if (spot !== undefined && walker.to !== spot) this.#walk(walker, spot, () => {});
    }
  }

  #stand(line: Line, walker: Walker): void {
    const { clock, pace } = this.#setting;
    line.there = true;
    const patience_ms = pace.patience_ms * walker.chance.between(0.8, 1.2);
    walker.cancel = clock.after(patience_ms, () => this.#vacate(line, walker, "gave_up"));
    this.#tell({ type: "at_pay_position", shopper: walker.person.shopper, lane: line.lane.id });
  }

  #vacate(line: Line, walker: Walker, type: "released" | "gave_up"): string {
    const { plan, clock, pace } = this.#setting;
    const shopper = walker.person.shopper;
    line.paying = undefined;
    line.there = false;
    walker.doing = "leaving";
    this.#tell({ type, shopper, lane: line.lane.id });
    this.#walk(walker, plan.exit, () => {
      this.#inside.delete(shopper);
      this.#away_until_ms.set(
        shopper,
        clock.now_ms() + pace.away_ms * walker.chance.between(0.5, 1.5),
      );
      this.#tell({ type: "left", shopper });
    });
    this.#closeUp(line);
    return shopper;
  }

  #walk(walker: Walker, to: Spot, then: () => void): void {
    const { clock, pace } = this.#setting;
    const now_ms = clock.now_ms();
    walker.cancel();
    walker.from = positionOf(walker, now_ms);
    walker.to = to;
    walker.since_ms = now_ms;
    const speed = pace.walk_metres_per_s * walker.chance.between(0.85, 1.15);
    walker.until_ms = now_ms + 1_000 * distanceBetween(walker.from, to) / speed;
    const shopper = walker.person.shopper;
    this.#tell({ type: "walks", shopper, to, there_at_ms: walker.until_ms });
    walker.cancel = clock.after(walker.until_ms - now_ms, then);
  }
}
