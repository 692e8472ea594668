/**
 * What brings a file of an earlier format to the present one, a step at a time. Files from before
 * the first step are for the release that wrote them.
 */
import { schemaOf } from "./statements.ts";
import { schemaVersion, shapes } from "./tables.ts";

/** By the format a step begins from. */
const steps: Readonly<Record<number, () => readonly string[]>> = {
  11: () => schemaOf({ tally: shapes.tally }),
  12: () =>
    schemaOf({ dispute: shapes.dispute }).filter((one) => one.includes("INDEX dispute_undecided ")),
  13: () => schemaOf({ age_question: shapes.age_question }),
  14: () =>
    schemaOf({ refund: shapes.refund }).filter((one) => one.includes("INDEX refund_waiting ")),
  15: () => schemaOf({ party: shapes.party }),
  16: () => ["ALTER TABLE payment ADD COLUMN instrument TEXT"],
};

/** The statements, in their order; undefined when there is no way from that format. */
export function migrationFrom(version: number): readonly string[] | undefined {
  const statements: string[] = [];
  for (let at = version; at < schemaVersion; at += 1) {
    const step = steps[at];
    if (!step) return undefined;
    statements.push(...step());
  }
  return statements;
}
