/**
 * `deno task evaluate-carts`: how many carts of a walk-out store are exactly right by themselves,
 * how many go to a person, and how many are wrong without anybody's knowing; with the causes, with
 * each sense at half strength, and against crowding.
 */
import { endWith, readOptions, wholeWithin } from "../evaluate/options.ts";
import { halved, type Sense, senses } from "./ablation.ts";
import { crowdingPlot, type Point } from "./chart.ts";
import { asFirst, hard, type Setting, usual } from "./floor.ts";
import { nothing, type Result, session } from "./trial.ts";

const usage = `usage: deno task evaluate-carts --seed N [--trips 1000] [--crowd ${usual.crowd}]
       [--harder | --first] [--halve ${senses.join("|")}] [--plot FILE.svg] [--json]
--plot runs the trips once for each of several crowds and draws how many carts were exact.`;

const spec = {
  seed: { type: "string" },
  trips: { type: "string" },
  crowd: { type: "string" },
  harder: { type: "boolean" },
  first: { type: "boolean" },
  halve: { type: "string" },
  plot: { type: "string" },
  json: { type: "boolean" },
} as const;

/** Trips between two mornings, when the shelves are full again. */
const trips_a_day = 100;
/** Crowds that a plot shows: up to what the building code allows. */
const crowds = [1, 2, 4, 6, 9, 12, 16];

/** Runs so many trips, in days of a hundred. */
export function evaluate(
  seed: number,
  trips: number,
  setting: Setting,
  sense?: Sense,
): Result {
  const result = nothing();
  for (let day = 0; result.trips < trips; day++) {
    const today = Math.min(trips_a_day, trips - result.trips);
    const name = `${seed}/${day}`;
    const options = sense === undefined ? {} : { filter: halved(sense, name) };
    session(name, { ...setting, trips: today }, result, options);
  }
  return result;
}

const percent = (part: number, whole: number) => `${(100 * part / whole).toFixed(1)} %`;

/** The figures for people. */
export function reportOf(result: Result): string {
  const { trips, exact, review, review_right, confident_wrong, causes } = result;
  const lines = [
    `${trips} trips: ${percent(exact, trips)} exactly right by themselves, ` +
    `${percent(review, trips)} for a person (${review_right} of ${review} with the right ` +
    `alternative first), ${percent(confident_wrong, trips)} wrong without anybody's knowing.`,
    ...Object.entries(causes).toSorted(([, a], [, b]) => b - a)
      .map(([cause, count]) => `  ${String(count).padStart(5)}  ${cause}`),
  ];
  return lines.join("\n");
}

function senseOf(name: string | undefined): Sense | undefined {
  const sense = senses.find((known) => known === name);
  if (name === undefined || sense !== undefined) return sense;
  throw new RangeError(`there is no sense ${name}: name one of ${senses.join(", ")}`);
}

function main(args: readonly string[]): void {
  const options = readOptions(args, spec, usage);
  if (options.seed === undefined) throw new RangeError(usage);
  const seed = wholeWithin("seed", options.seed, 1, [0, 2 ** 31]);
  const trips = wholeWithin("trips", options.trips, 1_000, [1, 1_000_000]);
  const base = options.harder === true ? hard : options.first === true ? asFirst : usual;
  const crowd = wholeWithin("crowd", options.crowd, base.crowd, [1, 60]);
  const sense = senseOf(options.halve);
  if (options.plot !== undefined) {
    const points: Point[] = crowds.map((people) => {
      const result = evaluate(seed, trips, { ...base, crowd: people }, sense);
      console.log(`${people} people: ${reportOf(result)}`);
      return { people, ...result };
    });
    Deno.writeTextFileSync(options.plot, crowdingPlot(points, trips));
    return;
  }
  const result = evaluate(seed, trips, { ...base, crowd }, sense);
  if (options.json === true) console.log(JSON.stringify({ seed, crowd, ...result }));
  else console.log(reportOf(result));
}

if (import.meta.main) {
  try {
    main(Deno.args);
  } catch (error) {
    endWith(error);
  }
}
