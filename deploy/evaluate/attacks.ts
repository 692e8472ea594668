/**
 * Attacks on the liveness check, drawn and counted: how many of each kind are taken for somebody
 * alive (APCER of ISO/IEC 30107-3), how many living people are not (BPCER), and what each cue is
 * worth, told by taking it away.
 */
import { limits as machineLimits } from "../../actors/limits.ts";
import { chanceOf } from "../../hardware/simulated/chance.ts";
import {
  alive,
  attack,
  type AttackKind,
  attackKinds,
  type Side,
} from "../../hardware/simulated/presentation.ts";
import { RuntimeError } from "../../runtime/errors.ts";
import type { LivenessProof } from "../../runtime/perception/decide.ts";
import { payPosition } from "../../runtime/perception/pay_position.ts";
import { settingsOf } from "../../runtime/perception/perception.ts";
import { Recogniser, type RecogniserSettings } from "../../runtime/perception/recogniser.ts";
import type { Sighter } from "../../runtime/perception/sights.ts";
import type { Models } from "../../runtime/perception/spawn.ts";
import { type Interval, wilson } from "./metrics.ts";
import { type Play, Stage } from "./stage.ts";

/** The cues of the check, each of which can be taken away. */
export const cues = [
  "stillness",
  "parallax",
  "shimmer",
  "surroundings",
  "flicker",
  "challenge",
] as const;
export type Cue = typeof cues[number];

export interface AttackOptions {
  /** Presentations of each kind. */
  readonly presentations: number;
  /** Number of the first; a long run can be split by it. */
  readonly first?: number;
  readonly seed: string;
  /** Sides that a challenge asks for. */
  readonly turns: number;
  /** Others wait behind whoever or whatever is presented, and walk past. */
  readonly company?: boolean;
  readonly progress: (done: number) => void;
}

/** How often one kind of presentation was taken for a living face. */
export interface Taken {
  readonly presentations: number;
  readonly alive: number;
  /** Of these, those that were given the victim's name besides (of the living: their own). */
  readonly named: number;
}

export interface AttackFigures {
  readonly simulated: true;
  readonly proof: LivenessProof;
  readonly turns: number;
  readonly company: boolean;
  readonly without?: readonly Cue[];
  /** Attacks taken for alive, by kind. */
  readonly apcer: Readonly<Record<AttackKind, number>>;
  /** Living people not taken for alive in the time they were given. */
  readonly bpcer: number;
  readonly intervals: Readonly<Record<AttackKind | "bpcer", Interval>>;
  readonly taken: Readonly<Record<AttackKind | "alive", Taken>>;
}

const frames_per_s = 5;
/** So long somebody stands there. A challenge is posed when some of it is over, or as soon as the
 * recogniser is unsure; as a lane does, again after a pause, so often. */
const whole_s: Readonly<Record<LivenessProof, number>> = {
  motion: 12,
  depth: 12,
  challenge: 24,
  graded: 70,
};
const before_s = 3, patience_s = 12;
const tries: Readonly<Partial<Record<LivenessProof, number>>> = {
  challenge: 1,
  graded: machineLimits.failed_turns,
};
/** Identities that no model was trained with. */
const VICTIMS = 3_600_000_000, THIEVES = 3_700_000_000;

/** One rule with which presentations are judged. */
export interface AttackRule {
  readonly proof: LivenessProof;
  readonly without?: readonly Cue[];
}

/** Shows every kind of attack, and living people, to a recogniser under each of these rules. */
export async function tryAttacks(
  sighter: Sighter,
  models: Models,
  rules: readonly AttackRule[],
  options: AttackOptions,
): Promise<AttackFigures[]> {
  const judges = rules.map((rule) => ({ rule, judge: judgeUnder(sighter, models, rule) }));
  const tallies = judges.map(() => ({}) as Record<AttackKind | "alive", Taken>);
  let done = 0;
  for (const kind of ["alive", ...attackKinds] as const) {
    const counts = judges.map(() => ({ alive: 0, named: 0 }));
    for (let i = 0; i < options.presentations; i++) {
      const at = (options.first ?? 0) + i;
      const outcomes = await tryOne(sighter, judges, { kind, at }, options);
      for (const [i, outcome] of outcomes.entries()) {
        if (outcome.alive) counts[i]!.alive++;
        if (outcome.named) counts[i]!.named++;
      }
      options.progress(++done);
    }
    for (const [i, count] of counts.entries()) {
      tallies[i]![kind] = { presentations: options.presentations, ...count };
    }
  }
  return judges.map(({ rule }, i) => figuresOf(tallies[i]!, { ...options, ...rule }));
}

/** A recogniser as at a lane, but for the cue that is taken away. */
export function judgeUnder(sighter: Sighter, models: Models, rule: AttackRule): Recogniser {
  return Recogniser.over(sighter, settings(models, rule));
}

/** A recogniser and the rule that it was made under. */
export interface Judge {
  readonly rule: AttackRule;
  readonly judge: Recogniser;
}

/** What became of a presentation. */
export interface Outcome {
  readonly alive: boolean;
  readonly named: boolean;
}

/** One presentation before recognisers that know the victim, one after the other. */
export async function tryOne(
  sighter: Sighter,
  judges: readonly Judge[],
  { kind, at }: { readonly kind: AttackKind | "alive"; readonly at: number },
  options: Pick<AttackOptions, "seed" | "turns" | "company">,
): Promise<Outcome[]> {
  const seed = `${options.seed}/${at}`;
  const people = { victim: VICTIMS + at, thief: THIEVES + at };
  const scenery = { company: options.company ?? false };
  const make = () =>
    kind === "alive" ? alive(seed, people.victim, scenery) : attack(kind, seed, people, scenery);
  const template = await enrolled(sighter, seed, people.victim);
  const stage = new Stage(sighter, payPosition, make);
  const outcomes: Outcome[] = [];
  for (const { rule, judge } of judges) {
    judge.admit("victim", template.slice());
    try {
      outcomes.push(await present(judge, stage.begin(), seed, { ...options, ...rule }));
    } finally {
      judge.clear();
    }
  }
  return outcomes;
}

function figuresOf(
  taken: Record<AttackKind | "alive", Taken>,
  { proof, turns, without, presentations, company }: AttackOptions & AttackRule,
): AttackFigures {
  const of = <V>(measure: (kind: AttackKind) => V) =>
    Object.fromEntries(attackKinds.map((kind) => [kind, measure(kind)])) as Record<AttackKind, V>;
  const refused = presentations - taken.alive.alive;
  return {
    simulated: true,
    proof,
    turns: tries[proof] === undefined ? 0 : turns,
    company: company ?? false,
    ...(without === undefined ? {} : { without }),
    apcer: of((kind) => taken[kind].alive / presentations),
    bpcer: refused / presentations,
    intervals: {
      ...of((kind) => wilson(taken[kind].alive, presentations)),
      bpcer: wilson(refused, presentations),
    },
    taken,
  };
}

function settings(
  models: Models,
  { proof, without }: AttackRule,
): RecogniserSettings {
  const usual = settingsOf(models.embedder.sidecar, { id: "camera", origin: "simulated" }, {
    proof,
  });
  const { rule } = usual;
  const blind = { ...rule.depth, solid: 0, above_noise: 0, flat_squeeze: Infinity };
  const changes: Readonly<Record<Cue, Partial<RecogniserSettings["rule"]>>> = {
    stillness: { static_cosine: 2, static_difference: 0, least_sway: 0 },
    parallax: { depth: blind, challenge: { depth: blind } },
    shimmer: { screen_peak: Infinity },
    surroundings: { carried: Infinity },
    flicker: { flicker: Infinity },
    // Of the graded rule nobody is asked: `present` poses nothing.
    challenge: proof === "graded" ? {} : { proof: "depth" },
  };
  const changed = Object.assign({}, ...(without ?? []).map((cue) => changes[cue]));
  return { ...usual, rule: { ...rule, ...changed } };
}

/** The victim enrolled some other day; where a picture is refused, on the day after. */
async function enrolled(sighter: Sighter, seed: string, victim: number) {
  for (let day = 0;; day++) {
    const there = alive(`${seed}/enrolment/${day}`, victim);
    const pictures = [0, 1, 2].map((at) => {
      const { width, height, rgb } = there.draw(1_700 * at, at);
      return { width, height, data: rgb };
    });
    try {
      return await sighter.enrol(pictures);
    } catch (error) {
      const refused = error instanceof RuntimeError && error.kind === "request_invalid";
      if (!refused || day >= 9) throw error;
    }
  }
}

/** One try: some seconds as one stands at a till, then the challenge, if it is demanded. */
async function present(
  recogniser: Recogniser,
  shown: Play,
  seed: string,
  { proof, turns, without }: AttackRule & Pick<AttackOptions, "turns">,
): Promise<Outcome> {
  const chance = chanceOf(`${seed}/challenge`);
  const most = without?.includes("challenge") ? 0 : tries[proof] ?? 0;
  let asked = 0, posed = 0, pause_until_ms = 0, open = false, sides: Side[] = [];
  for (let sequence = 0; sequence < whole_s[proof] * frames_per_s; sequence++) {
    const at_ms = sequence * 1_000 / frames_per_s;
    let look = recogniser.take(await shown.see(at_ms, sequence));
    if (look.signs.includes("passed")) {
      return { alive: true, named: look.decision.outcome === "identified" };
    }
    if (open && look.challenge?.state === "failed") {
      open = false;
      if (posed >= most) break;
      pause_until_ms = at_ms + machineLimits.turn_pause_ms;
    }
    // Nothing that has not shown more by now will be asked any more.
    if (posed === 0 && at_ms >= patience_s * 1_000) break;
    const due = proof === "challenge" ? at_ms >= before_s * 1_000 : look.signs.includes("unsure");
    if (!open && due && posed < most && at_ms >= pause_until_ms) {
      // As a lane does: after each failed try one side more.
      sides = Array.from({ length: turns + posed }, (): Side => chance.pick(["left", "right"]));
      posed++;
      open = true;
      asked = 0;
      look = recogniser.challenge(sides, at_ms);
    }
    const { challenge } = look;
    if (!open || challenge?.state !== "asked" || sides.length - challenge.left < asked) continue;
    asked++;
    shown.ask(challenge.side, at_ms);
  }
  return { alive: false, named: false };
}
