/**
 * What goes wrong in one day of a simulated store. Each kind of fault is in a plan or not (swarm
 * testing: faults that hide each other are found apart), and how hard it strikes is drawn too.
 */
import type { Chance } from "../../hardware/simulated/chance.ts";

/** Rates in strikes an hour are of the whole store; shares are of single occasions, 0 to 1. */
export interface Plan {
  readonly link_loss: number;
  readonly link_slow: number;
  readonly link_duplicate: number;
  readonly feed_breaks: number;
  readonly partitions_per_hour: number;
  readonly outages_per_hour: number;
  readonly phone_loss: number;
  readonly message_delay: number;
  readonly message_repeat: number;
  readonly disk_failures: number;
  readonly disk_full: number;
  readonly gateway_crashes: number;
  readonly gateway_restarts_per_hour: number;
  readonly issuer_crashes: number;
  readonly clock_jumps_per_hour: number;
  readonly clock_jump_ms: number;
  readonly camera_faults_per_hour: number;
  readonly radio_faults_per_hour: number;
  readonly restores_per_hour: number;
  /** Between the gateway and the retailer's own system, and from there to the issuer. */
  readonly retailer_loss: number;
  readonly retailer_slow: number;
  readonly retailer_duplicate: number;
  /** Answered 429, 500 or 503, at times after it was done. */
  readonly retailer_trouble: number;
  readonly retailer_crashes: number;
  readonly retailer_outages_per_hour: number;
  readonly gate_stuck: number;
  readonly readings_lost: number;
  readonly readings_repeated: number;
  readonly readings_late: number;
  readonly acquirer_silent: number;
  readonly recogniser_miss: number;
  readonly recogniser_confuse: number;
  readonly recogniser_mistake: number;
  readonly recogniser_unsure: number;
  readonly leaves_in_mid_sale: number;
  readonly leaves_without_word: number;
  readonly two_phones: number;
  readonly swapped_phones: number;
  readonly replays_per_hour: number;
  readonly till_gives_up: number;
  readonly taps_wrong_name: number;
  readonly twins: number;
  /** The link is there for seconds and gone for seconds, for minutes on end. */
  readonly flaps_per_hour: number;
  /** Shoppers who have paid, remember something else, and pay again in the same stay. */
  readonly second_baskets: number;
  /** People who look in at the door and go again. */
  readonly passers_by: number;
  /** Shoppers who are asked above a small amount, and what they and their devices say. */
  readonly modest_shoppers: number;
  readonly says_no: number;
  readonly says_less: number;
  readonly says_nothing: number;
  readonly says_late: number;
  readonly two_devices: number;
  /** Something in the basket is not for everybody, and staff who do not look. */
  readonly restricted_baskets: number;
  readonly careless_staff: number;
  /** Wallets that show for one sale what was signed for another. */
  readonly old_proofs: number;
  /** Wrong answers where a lane asks who somebody is. */
  readonly mumbles: number;
  readonly brings_back: number;
  readonly greedy_refunds: number;
  /** Account data to be changed at the lane, by somebody else, and taken back on the phone. */
  readonly wants_change: number;
  readonly pretends: number;
  readonly undoes: number;
  /** So many actors may be in memory, the others rest on the disk; 0 means as in a real store. */
  readonly awake_actors: number;
  /** Heads that are asked to turn and turn the wrong way, too late, or not; films held up. */
  readonly turns_wrong: number;
  readonly turns_late: number;
  readonly turns_not: number;
  readonly films: number;
  /** Digits that are to be said: said wrong, not said, or said by somebody else. */
  readonly digits_wrong: number;
  readonly digits_unsaid: number;
  readonly others_speak: number;
  /** Pictures of codes that have just let somebody into the aisle, held out again. */
  readonly copied_codes: number;
}

type Ranges = { readonly [Fault in keyof Plan]: readonly [low: number, high: number] };

const ranges: Ranges = {
  link_loss: [0.01, 0.2],
  link_slow: [0.02, 0.2],
  link_duplicate: [0.02, 0.3],
  feed_breaks: [0.002, 0.05],
  partitions_per_hour: [2, 12],
  outages_per_hour: [0.3, 2],
  phone_loss: [0.01, 0.15],
  message_delay: [0.02, 0.3],
  message_repeat: [0.02, 0.3],
  disk_failures: [0.001, 0.005],
  disk_full: [0.001, 0.005],
  gateway_crashes: [0.001, 0.008],
  gateway_restarts_per_hour: [1, 4],
  issuer_crashes: [0.000_15, 0.001_5],
  clock_jumps_per_hour: [1, 6],
  clock_jump_ms: [5_000, 90_000],
  camera_faults_per_hour: [4, 30],
  radio_faults_per_hour: [4, 20],
  restores_per_hour: [1, 6],
  retailer_loss: [0.01, 0.2],
  retailer_slow: [0.02, 0.2],
  retailer_duplicate: [0.02, 0.3],
  retailer_trouble: [0.05, 0.4],
  retailer_crashes: [0.01, 0.1],
  retailer_outages_per_hour: [1, 6],
  gate_stuck: [0.02, 0.2],
  readings_lost: [0.005, 0.05],
  readings_repeated: [0.01, 0.1],
  readings_late: [0.01, 0.2],
  acquirer_silent: [0.01, 0.2],
  recogniser_miss: [0.02, 0.3],
  recogniser_confuse: [0.02, 0.3],
  recogniser_mistake: [0.02, 0.3],
  recogniser_unsure: [0.02, 0.3],
  leaves_in_mid_sale: [0.03, 0.3],
  leaves_without_word: [0.1, 0.8],
  two_phones: [0.02, 0.3],
  swapped_phones: [0.02, 0.3],
  replays_per_hour: [10, 60],
  till_gives_up: [0.03, 0.3],
  taps_wrong_name: [0.05, 0.5],
  twins: [0.05, 0.5],
  flaps_per_hour: [4, 20],
  second_baskets: [0.2, 0.8],
  passers_by: [0.1, 0.5],
  modest_shoppers: [0.1, 0.6],
  says_no: [0.05, 0.4],
  says_less: [0.05, 0.5],
  says_nothing: [0.05, 0.3],
  says_late: [0.05, 0.3],
  two_devices: [0.1, 0.5],
  restricted_baskets: [0.1, 0.5],
  careless_staff: [0.05, 0.4],
  old_proofs: [0.1, 0.6],
  mumbles: [0.05, 0.5],
  brings_back: [0.05, 0.4],
  greedy_refunds: [0.1, 0.5],
  wants_change: [0.05, 0.5],
  pretends: [0.1, 0.7],
  undoes: [0.1, 0.7],
  awake_actors: [4, 40],
  turns_wrong: [0.05, 0.4],
  turns_late: [0.05, 0.3],
  turns_not: [0.05, 0.3],
  films: [0.05, 0.3],
  digits_wrong: [0.05, 0.5],
  digits_unsaid: [0.05, 0.3],
  others_speak: [0.05, 0.5],
  copied_codes: [0.05, 0.4],
};
export type Fault = keyof Plan;
const faults = Object.keys(ranges) as readonly Fault[];

/** Nothing goes wrong that does not go wrong in the best of stores. */
export const noFaults: Plan = Object.fromEntries(faults.map((fault) => [fault, 0])) as never;

/** Faults of a run: those that each day draws, none, or just these on every day. */
export type FaultChoice = "all" | "none" | readonly Fault[];

/** From the word of a command line: `all`, `none`, or names with commas between them. */
export function faultChoiceOf(word: string): FaultChoice | undefined {
  if (word === "all" || word === "none") return word;
  const names = word.split(",");
  const known = faults.filter((fault) => names.includes(fault));
  return known.length === names.length ? known : undefined;
}

/** The plan of a day; how hard each fault strikes is drawn in any case. */
export function planOf(choice: FaultChoice, chance: Chance): Plan {
  if (choice === "none") return noFaults;
  if (choice === "all") return drawPlan(chance);
  const drawn = choice.map((fault) => [fault, chance.between(...ranges[fault])]);
  return { ...noFaults, ...Object.fromEntries(drawn) };
}

function drawPlan(chance: Chance): Plan {
  return Object.fromEntries(faults.map((fault) => {
    const [low, high] = ranges[fault];
    const strength = chance.between(low, high);
    return [fault, chance.happens(0.5) ? strength : 0];
  })) as never;
}

/** The faults of a plan, for people. */
export function faultsOf(plan: Plan): string {
  return faults.filter((fault) => plan[fault] > 0).join(" ") || "none";
}
