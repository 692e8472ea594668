/** What `deno task evaluate --attacks` takes and prints. */
import { attackKinds } from "../../hardware/simulated/presentation.ts";
import { type LivenessProof, livenessProofs } from "../../runtime/perception/decide.ts";
import type { Inference } from "../../runtime/perception/inference.ts";
import { Sighter } from "../../runtime/perception/sights.ts";
import { type AttackFigures, type AttackRule, type Cue, cues, tryAttacks } from "./attacks.ts";
import { openModels, readOptions, wholeWithin } from "./options.ts";
import { percent, table } from "./report.ts";

const attacksUsage =
  `usage: deno task evaluate --attacks [--presentations 40] [--first 0] [--turns 3] [--seed S]
         [--company] [--proof motion|depth|challenge|graded] [--without CUES | --ablate] [--json]
Shows drawn people and drawn attacks to the lane's recogniser; without --proof, under each of the
rules that a store can choose. CUES are some of ${cues.join(",")}; --ablate takes each away in turn.
With --company others wait behind and walk past, as in a queue that the camera sees.
--first is the number of the first presentation, so that a long run can be split.`;

const spec = {
  attacks: { type: "boolean" },
  presentations: { type: "string" },
  first: { type: "string" },
  turns: { type: "string" },
  company: { type: "boolean" },
  seed: { type: "string" },
  proof: { type: "string" },
  without: { type: "string" },
  ablate: { type: "boolean" },
  json: { type: "boolean" },
} as const;

/** True when the arguments ask for attacks. */
export function asksForAttacks(args: readonly string[]): boolean {
  return args.includes("--attacks");
}

/** Runs the command and says what it found. Throws `RangeError` for arguments that make no sense,
 * `RuntimeError` for models that cannot be used. */
export async function runAttacks(
  args: readonly string[],
  say: (line: string) => void,
  inference?: Inference,
): Promise<void> {
  const options = readOptions(args, spec, attacksUsage);
  const presentations = wholeWithin("presentations", options.presentations, 40, [1, 100_000]);
  const turns = wholeWithin("turns", options.turns, 3, [1, 8]);
  const without = options.without === undefined
    ? undefined
    : options.without.split(",").map((cue) => oneOf<Cue>("without", cue, cues));
  const proofs = options.proof === undefined
    ? livenessProofs
    : [oneOf<LivenessProof>("proof", options.proof, livenessProofs)];
  const rules: AttackRule[] = proofs.map((proof) => ({
    proof,
    ...(without === undefined ? {} : { without }),
  }));
  if (options.ablate === true) {
    const [first] = proofs;
    if (proofs.length !== 1 || without !== undefined) {
      throw new RangeError("--ablate takes cues from one rule in turn: name it with --proof");
    }
    rules.push(...cues.map((cue) => ({ proof: first!, without: [cue] })));
  }
  const { models, networks } = await openModels({}, true, inference);
  const figures = await tryAttacks(new Sighter(networks), models, rules, {
    presentations,
    first: wholeWithin("first", options.first, 0, [0, 10_000_000]),
    seed: options.seed ?? "attacks",
    turns,
    company: options.company ?? false,
    progress: (done) => {
      if (done % 20 === 0) console.error(`${done} presentations`);
    },
  });
  say(options.json === true ? JSON.stringify(figures) : attacksReport(figures, presentations));
}

function oneOf<Name extends string>(option: string, text: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === text);
  if (found !== undefined) return found;
  throw new RangeError(`--${option} is ${text}; give one of ${names.join(", ")}`);
}

/** The table of a run: a column for each rule. */
export function attacksReport(all: readonly AttackFigures[], presentations: number): string {
  const cell = (share: number, [low, high]: readonly [number, number]) =>
    `${percent(share, 1)} (${percent(low, 1)} to ${percent(high, 1)})`;
  const rows = [
    ["", ...all.map(headOf)],
    ...attackKinds.map((kind) => [
      `APCER ${kind.replaceAll("_", " ")}`,
      ...all.map(({ apcer, intervals }) => cell(apcer[kind], intervals[kind])),
    ]),
    ["BPCER living people", ...all.map(({ bpcer, intervals }) => cell(bpcer, intervals.bpcer))],
    [
      "living people given their name",
      ...all.map(({ taken }) => percent(taken.alive.named / presentations, 1)),
    ],
  ];
  const before = all.some(({ company }) => company) ? "before a queue" : "alone";
  return `SIMULATED: drawn people and drawn attacks, ${presentations} of each kind, ${before}.\n\n${
    table(rows)
  }\n\n` +
    "APCER: attacks taken for alive. BPCER: living people not taken for alive in their time.\n" +
    "What a detector is worth on drawings says nothing of paper, screens and people: have it\n" +
    "tested against ISO/IEC 30107-3 on the store's own cameras before it is relied on.";
}

function headOf({ proof, turns, without }: AttackFigures): string {
  const rule = turns === 0 ? proof : `${proof}, ${turns} turns`;
  return without === undefined ? rule : `${rule}, without ${without.join(" and ")}`;
}
