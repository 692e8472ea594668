/** What `deno task evaluate --attacks` takes and prints. */
import { attackKinds } from "../../hardware/simulated/presentation.ts";
import { type LivenessProof, livenessProofs } from "../../runtime/perception/decide.ts";
import { type AttackFigures, type Cue, cues, tryAttacks } from "./attacks.ts";
import { openModels, readOptions, wholeWithin } from "./options.ts";
import { percent, table } from "./report.ts";

export const attacksUsage =
  `usage: deno task evaluate --attacks [--presentations 40] [--turns 3] [--seed S] [--json]
         [--proof motion|depth|challenge|graded] [--without stillness|parallax|shimmer|challenge]
Shows drawn people and drawn attacks to the lane's recogniser; without --proof, under each of the
rules that a store can choose.`;

const spec = {
  attacks: { type: "boolean" },
  presentations: { type: "string" },
  turns: { type: "string" },
  seed: { type: "string" },
  proof: { type: "string" },
  without: { type: "string" },
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
): Promise<void> {
  const options = readOptions(args, spec, attacksUsage);
  const presentations = wholeWithin("presentations", options.presentations, 40, [1, 100_000]);
  const turns = wholeWithin("turns", options.turns, 3, [1, 8]);
  const without = options.without === undefined
    ? undefined
    : oneOf<Cue>("without", options.without, cues);
  const proofs = options.proof === undefined
    ? livenessProofs
    : [oneOf<LivenessProof>("proof", options.proof, livenessProofs)];
  const { models } = await openModels({}, true);
  const figures: AttackFigures[] = [];
  for (const proof of proofs) {
    figures.push(
      await tryAttacks(models, {
        presentations,
        seed: options.seed ?? "attacks",
        proof,
        turns,
        ...(without === undefined ? {} : { without }),
        progress: (done) => {
          if (done % 20 === 0) console.error(`${proof}: ${done} presentations`);
        },
      }),
    );
  }
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
    ["", ...all.map(({ proof, turns }) => turns === 0 ? proof : `${proof}, ${turns} turns`)],
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
  const without = all[0]?.without;
  return `SIMULATED: drawn people and drawn attacks, ${presentations} of each kind` +
    `${without === undefined ? "" : `, the cue of ${without} taken away`}.\n\n${table(rows)}\n\n` +
    "APCER: attacks taken for alive. BPCER: living people not taken for alive in their time.\n" +
    "What a detector is worth on drawings says nothing of paper, screens and people: have it\n" +
    "tested against ISO/IEC 30107-3 on the store's own cameras before it is relied on.";
}
