/**
 * What became of every sale that was ever answered for: a pure function over the answers that the
 * tills got and the books at the end, so that it can be tried with every way of being wrong.
 */
import { type Books, reconcile, type Violation } from "../demo/reconcile.ts";

/** An answer of the gateway to a till, with a status of success. */
export interface Acknowledgement {
  readonly payment: string;
  readonly outcome: string | null;
  readonly receipt: string | null;
}

export interface Evidence {
  readonly acknowledged: readonly Acknowledgement[];
  readonly books: Books;
  /** Of the gateway, after everything had its time: payments under way, commands without answer,
   * lanes that are not free; and tills that never learned how their sale ended. */
  readonly unsettled: number;
  readonly outbox: number;
  readonly busy: readonly string[];
  readonly waiting_tills: readonly string[];
}

export interface Verdict {
  /** Sales that a till was answered for and that are gone, or are not what the till was told. */
  readonly lost: readonly string[];
  readonly captured_twice: readonly string[];
  readonly stuck: readonly string[];
  /** Whatever else does not agree. */
  readonly others: readonly string[];
}

const line = ({ payment, kind, detail }: Violation) => `${payment}: ${kind}: ${detail}`;
const stuckKinds: readonly string[] = ["unfinished", "left_authorised"];
const lostKinds: readonly string[] = ["till_disagrees", "issuer_disagrees", "receipt_missing"];

export function judge(evidence: Evidence): Verdict {
  const violations = reconcile(evidence.books);
  const of = (belongs: (kind: string) => boolean) =>
    violations.filter(({ kind }) => belongs(kind)).map(line);
  const twice = (kind: string) => kind === "captured_twice" || kind === "receipt_repeated";
  const lost = (kind: string) => lostKinds.includes(kind);
  const stuck = (kind: string) => stuckKinds.includes(kind);
  return {
    lost: [...brokenWords(evidence), ...of(lost)],
    captured_twice: [...of(twice), ...chargedUnderTwoNames(evidence.books)],
    stuck: [
      ...of(stuck),
      ...unlessNone(evidence.unsettled, "payments under way at the gateway"),
      ...unlessNone(evidence.outbox, "commands without the issuer's answer"),
      ...evidence.busy.map((lane) => `${lane} is not free`),
      ...evidence.waiting_tills.map((till) => `${till} never learned how its sale ended`),
    ],
    others: of((kind) => !twice(kind) && !lost(kind) && !stuck(kind)),
  };
}

/** What holds at every moment, also while sales are under way: no answer is forgotten or unsaid,
 * what was told as captured is captured at the issuer, and nothing is captured twice. */
export function judgeSoFar(
  acknowledged: readonly Acknowledgement[],
  { gateway, issuer }: Pick<Books, "gateway" | "issuer">,
): Pick<Verdict, "lost" | "captured_twice"> {
  const books = { gateway, issuer };
  const captured = new Set(
    issuer.filter(({ state }) => state === "captured").map(({ payment }) => payment),
  );
  const missing = new Set(
    acknowledged.filter(({ outcome, payment }) => outcome === "captured" && !captured.has(payment))
      .map(({ payment }) => `${payment}: was told captured and is not so at the issuer`),
  );
  const again = issuer.filter(({ captures }) => captures > 1)
    .map(({ payment, captures }) => `${payment}: captured ${captures} times`);
  return {
    lost: [...brokenWords({ acknowledged, books }), ...missing],
    captured_twice: [...again, ...chargedUnderTwoNames(books)],
  };
}

const unlessNone = (count: number, what: string) => count === 0 ? [] : [`${count} ${what}`];

/** What was accepted while the issuer was away gets another outcome later; any other one stays. */
const follows = (told: string, state: string) =>
  told === state || told === "accepted_offline" && ["captured", "refused_late"].includes(state);

/** Every answer is a promise: the payment is there ever after, and an outcome once told stays. */
function brokenWords(
  { acknowledged, books }: Pick<Evidence, "acknowledged"> & { books: Pick<Books, "gateway"> },
): string[] {
  const states = new Map(books.gateway.map((row) => [row.payment, row]));
  const broken = new Set<string>();
  for (const { payment, outcome, receipt } of acknowledged) {
    const row = states.get(payment);
    if (!row) broken.add(`${payment}: was answered for and is not there`);
    else if (outcome !== null && !follows(outcome, row.state)) {
      broken.add(`${payment}: was told ${outcome} and is ${row.state}`);
    } else if (receipt !== null && row.receipt !== receipt) {
      broken.add(`${payment}: was told another receipt`);
    }
  }
  return [...broken];
}

/** One sale of a till is one payment, on whatever day its id was made. */
function chargedUnderTwoNames({ issuer }: Pick<Books, "issuer">): string[] {
  const captured = issuer.filter(({ state }) => state === "captured").map(({ payment }) => payment);
  const bySale = Map.groupBy(captured, (payment) => payment.slice(payment.indexOf(".")));
  return [...bySale.values()].filter((names) => names.length > 1)
    .map((names) => `${names.join(" and ")} are one sale`);
}

/** No finding of any kind. */
export function isClean({ lost, captured_twice, stuck, others }: Verdict): boolean {
  return lost.length + captured_twice.length + stuck.length + others.length === 0;
}
