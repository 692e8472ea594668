/**
 * The head of whoever stands at a lane and reads its display: it turns as asked, to the other side,
 * too late or not at all; a film of somebody turns as it was cut, whatever is asked.
 */
import type { Chance } from "../../hardware/simulated/chance.ts";
import type { CameraDevice } from "../../runtime/sim/devices.ts";
import type { Scheduler } from "../../runtime/sim/scheduler.ts";
import type { Side } from "../../runtime/world.ts";
import { Attention } from "../demo/attention.ts";
import type { Plan } from "./plan.ts";
import type { Screen } from "./screen.ts";
import { gatewayUrl } from "./setting.ts";
import type { Witness } from "./witness.ts";

export interface HeadSetting {
  readonly lane: string;
  readonly camera: CameraDevice;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly fetch: (request: Request) => Promise<Response>;
  /** In place of reading the display over HTTP. */
  readonly screen?: Screen;
  readonly plan: () => Plan;
  readonly witness: Witness;
  readonly broken: (error: unknown) => void;
}

const reacts_ms = [300, 1_300] as const;
const late_ms = [5_000, 9_000] as const;
const reads_ms = 500;
const answer_ms = 1_000;
/** A picture that somebody holds up; the others are films. */
const pictures = 0.5;

export class LaneHead {
  readonly #setting: HeadSetting;
  readonly #attention: Attention;
  #stands:
    | { readonly face: Float32Array; readonly film: boolean; readonly still: boolean }
    | undefined;
  #cancel = () => {};
  #attends = false;

  constructor(setting: HeadSetting) {
    this.#setting = setting;
    const { lane, scheduler: clock, fetch, screen } = setting;
    this.#attention = new Attention({
      ...{ gateway: gatewayUrl, lane, clock },
      fetch: (request) => this.#inTime((signal) => fetch(new Request(request, { signal }))),
      ...(screen ? { screen } : {}),
      turn: (side?: Side) => this.#turn(side),
    });
  }

  /** Somebody comes before the camera, or nobody is there any more. */
  show(face: Float32Array | undefined, film: boolean, faces: number): void {
    const { camera, witness, chance, plan } = this.#setting;
    this.#cancel();
    const still = chance.happens(film ? pictures : plan().turns_not);
    this.#stands = face && { face, film, still };
    witness.noticed({ fact: "stands", camera: camera.id, face, film });
    camera.show({ front: face, faces, film });
  }

  /** Reads the display for as long as it is so. Once at a time. */
  async attend(asked: () => boolean): Promise<void> {
    if (this.#attends) return;
    this.#attends = true;
    try {
      while (asked()) {
        await this.#attention.follow();
        await this.#setting.scheduler.sleep(reads_ms);
      }
    } finally {
      this.#attends = false;
    }
  }

  /** A display that is not answered asks again. */
  async #inTime<Answer>(ask: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
    const late = new AbortController();
    const cancel = this.#setting.scheduler.after(answer_ms, () => late.abort());
    try {
      return await ask(late.signal);
    } finally {
      cancel();
    }
  }

  #turn(asked: Side | undefined): void {
    const { scheduler, chance, plan, camera } = this.#setting;
    const stands = this.#stands;
    this.#cancel();
    if (!stands || stands.still) return;
    const { turns_wrong, turns_late } = plan();
    const other = asked === "left" ? "right" : "left";
    const head = asked && (chance.happens(stands.film ? 0.5 : turns_wrong) ? other : asked);
    const late = asked !== undefined && chance.happens(turns_late);
    const [soonest_ms, latest_ms] = late ? late_ms : reacts_ms;
    this.#cancel = scheduler.after(chance.between(soonest_ms, latest_ms), () => {
      if (this.#stands === stands) camera.show({ ...camera.sight(), head });
    });
  }
}
