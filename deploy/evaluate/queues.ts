/**
 * Queues before a lane's camera, drawn: a stranger at the pay position and somebody who has checked
 * in behind, beside, or walking past. Whoever is named then is charged for a stranger's shopping,
 * so nobody may be; and the one who has checked in must be named as soon as they stand there
 * themselves, or never naming anybody would pass for a success.
 */
import { type Chance, chanceOf } from "../../hardware/simulated/chance.ts";
import { Mover } from "../../hardware/simulated/movement.ts";
import { drawScene, type Person, type Scene } from "../../hardware/simulated/scene.ts";
import { rgbToYuyv } from "../../hardware/simulated/yuyv.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import type { Inference } from "../../runtime/perception/inference.ts";
import { settingsOf } from "../../runtime/perception/perception.ts";
import { Recogniser } from "../../runtime/perception/recogniser.ts";
import type { Models } from "../../runtime/perception/spawn.ts";

export const arrangements = ["behind", "beside", "passing"] as const;
export type Arrangement = typeof arrangements[number];

/** What became of the queues of one arrangement. */
export interface QueueTally {
  readonly queues: number;
  /** Queues in which the one who had checked in was named while a stranger stood there. */
  readonly bystander_named: number;
  /** Queues in which anybody else was: they were nowhere near. */
  readonly absent_named: number;
  /** Queues in which the one who had checked in was seen by the detector besides the stranger. */
  readonly both_seen: number;
  /** Queues in which they were named when they stood at the pay position themselves. */
  readonly stepped_up_named: number;
}

export interface QueueFigures {
  readonly simulated: true;
  readonly seed: string;
  readonly queues: number;
  readonly bystanders_named: number;
  readonly absent_named: number;
  readonly by: Readonly<Record<Arrangement, QueueTally>>;
}

export interface QueueOptions {
  readonly queues: number;
  readonly seed: string;
  readonly progress: (done: number) => void;
}

const width = 320, height = 240;
/** Width of a face in pixels at one metre, and pixels of a metre there. */
const face_px = 72, metre_px = 465;
const frame_ms = 200;
/** Frames with the stranger at the pay position, and with the other. */
const frames_before = 15, frames_after = 12;
/** Somebody who is drawn, and never was in training. */
const KNOWN = 3_800_000_000, STRANGERS = 3_900_000_000;
/** People who have checked in somewhere else in range. */
const elsewhere = 9;
/** So many people come to this shop, in turn. */
const regulars = 60;

/** Where somebody stands: metres from the camera, and beside its axis. */
interface Standing {
  readonly depth_m: number;
  readonly across_m: number;
}

/** Plays queues, the arrangements in turn. */
export async function playQueues(
  models: Models,
  options: QueueOptions,
  inference?: Inference,
): Promise<QueueFigures> {
  const settings = settingsOf(
    models.embedder.sidecar,
    { id: "camera", origin: "simulated" },
    { proof: "motion" },
  );
  const recogniser = await Recogniser.open(models, settings, undefined, inference);
  const templates = await enrolRegulars(recogniser, Math.min(regulars, options.queues + elsewhere));
  const by = Object.fromEntries(arrangements.map((name) => [name, {
    queues: 0,
    bystander_named: 0,
    absent_named: 0,
    both_seen: 0,
    stepped_up_named: 0,
  }])) as Record<Arrangement, { -readonly [K in keyof QueueTally]: number }>;
  for (let queue = 0; queue < options.queues; queue++) {
    const arrangement = arrangements[queue % arrangements.length]!;
    const tally = by[arrangement];
    const known = queue % templates.length;
    for (let i = 0; i <= Math.min(elsewhere, templates.length - 1); i++) {
      const at = (known + i) % templates.length;
      recogniser.admit(at === known ? "known" : `other-${i}`, templates[at]!.slice());
    }
    const seen = await playOne(recogniser, arrangement, `${options.seed}/${queue}`, {
      known: KNOWN + known,
      stranger: STRANGERS + queue,
    });
    recogniser.clear();
    tally.queues++;
    if (seen.bystander_named) tally.bystander_named++;
    if (seen.absent_named) tally.absent_named++;
    if (seen.both_seen) tally.both_seen++;
    if (seen.stepped_up_named) tally.stepped_up_named++;
    options.progress(queue + 1);
  }
  const sum = (measure: (tally: QueueTally) => number) =>
    arrangements.reduce((total, name) => total + measure(by[name]), 0);
  return {
    simulated: true,
    seed: options.seed,
    queues: options.queues,
    bystanders_named: sum(({ bystander_named }) => bystander_named),
    absent_named: sum(({ absent_named }) => absent_named),
    by,
  };
}

async function enrolRegulars(recogniser: Recogniser, count: number) {
  const templates: Float32Array<ArrayBuffer>[] = [];
  for (let at = 0; at < count; at++) templates.push(await enrolled(recogniser, KNOWN + at));
  return templates;
}

/** Three pictures of one person, taken again while any is refused. */
async function enrolled(recogniser: Recogniser, identity: number) {
  for (let day = 0;; day++) {
    const chance = chanceOf(`queues/enrolment/${identity}/${day}`);
    const mover = new Mover(chance.fork("mover"));
    const shop = shopOf(chance);
    const person = personAt({ depth_m: 0.9, across_m: 0 }, identity, chance);
    const pictures = [0, 1, 2].map((at) => {
      const drawn = drawScene(shop([mover.moved(person, 1_700 * at)], at));
      return { width, height, data: drawn.rgb };
    });
    try {
      return await recogniser.enrol(pictures);
    } catch (error) {
      const refused = error instanceof RuntimeError && error.kind === "request_invalid";
      if (!refused || day >= 9) throw error;
    }
  }
}

/** One queue from the stranger's coming to the next one's payment. */
async function playOne(
  recogniser: Recogniser,
  arrangement: Arrangement,
  seed: string,
  who: { readonly known: number; readonly stranger: number },
) {
  const chance = chanceOf(`queues/${seed}`);
  const shop = shopOf(chance.fork("shop"));
  const movers = { known: new Mover(chance.fork("known")), stranger: new Mover(chance.fork("s")) };
  const payer = { depth_m: chance.between(0.82, 1), across_m: chance.between(-0.04, 0.04) };
  const other = walkOf(arrangement, payer, chance);
  const heights = chance.fork("heights");
  const stranger = personAt(payer, who.stranger, heights);
  const known = (at: Standing) => personAt(at, who.known, chanceOf(`queues/${seed}/height`));
  const found = { bystander_named: false, absent_named: false, both_seen: false };
  let stepped_up_named = false;
  for (let frame = 0; frame < frames_before + frames_after; frame++) {
    const at_ms = frame * frame_ms;
    const before = frame < frames_before;
    const place = before ? other(frame / (frames_before - 1)) : payer;
    const people = [movers.known.moved(known(place), at_ms)];
    if (before) people.push(movers.stranger.moved(stranger, at_ms));
    // Who stands nearer hides who stands behind.
    people.sort((a, b) => a.size - b.size);
    const drawn = drawScene(shop(people, frame));
    const look = await recogniser.look({
      format: "YUYV",
      width,
      height,
      stride: width * 2,
      sequence: frame,
      captured_at_ms: at_ms,
      data: rgbToYuyv(drawn),
    });
    const named = new Set(look.decision.matches.map(({ visit }) => visit));
    if ([...named].some((visit) => visit !== "known")) found.absent_named = true;
    if (before && look.faces > 1) found.both_seen = true;
    if (before && named.has("known")) found.bystander_named = true;
    if (!before && look.decision.outcome === "identified" && named.has("known")) {
      stepped_up_named = true;
    }
  }
  return { ...found, stepped_up_named };
}

/** Where the one who has checked in is, by the share of the stranger's stay that is over. */
function walkOf(
  arrangement: Arrangement,
  payer: Standing,
  chance: Chance,
): (share: number) => Standing {
  const side = chance.pick([-1, 1]);
  if (arrangement === "behind") {
    const depth_m = payer.depth_m + chance.between(0.45, 1.6);
    const across_m = side * chance.between(0.1, 0.35);
    return () => ({ depth_m, across_m });
  }
  if (arrangement === "beside") {
    const depth_m = payer.depth_m + chance.between(-0.05, 0.35);
    const across_m = side * chance.between(0.22, 0.32) * (depth_m / 0.9);
    return () => ({ depth_m, across_m });
  }
  const depth_m = payer.depth_m + chance.between(0.35, 1.4);
  const reach_m = 0.36 * depth_m;
  return (share) => ({ depth_m, across_m: side * reach_m * (2 * share - 1) });
}

function personAt({ depth_m, across_m }: Standing, identity: number, chance: Chance): Person {
  const metre = metre_px / depth_m;
  return {
    identity,
    x: width / 2 + across_m * metre,
    y: height / 2 + chance.between(-0.05, 0.05) * metre,
    size: face_px / depth_m,
    yaw: chance.between(-6, 6),
    pitch: chance.between(-3, 4),
    roll: chance.between(-3, 3),
    expression: 0.15,
  };
}

/** A shop, its light and its camera: people and a frame's number make a scene. */
function shopOf(chance: Chance): (people: readonly Person[], frame: number) => Scene {
  const background_seed = chance.whole(2 ** 31);
  const level = chance.between(0.85, 1.1), side = chance.between(-0.4, 0.4);
  const warmth = chance.between(-0.4, 0.5), noise = chance.between(1.5, 4);
  return (people, frame) => ({
    width,
    height,
    background_seed,
    light: { level, side, warmth },
    noise,
    noise_seed: chance.fork(`frame/${frame}`).whole(2 ** 31),
    people,
  });
}
