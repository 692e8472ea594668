/** What the doctor finds: one line each, with the way to mend it. */

export type Verdict = "well" | "note" | "wrong";

export interface Finding {
  /** e.g. `camera till-1` */
  readonly what: string;
  readonly verdict: Verdict;
  /** One line. */
  readonly detail: string;
  /** What to do; nothing when it is well. */
  readonly mend?: string;
}

export const well = (what: string, detail: string): Finding => ({ what, verdict: "well", detail });
export const note = (what: string, detail: string, mend?: string): Finding => ({
  what,
  verdict: "note",
  detail,
  ...(mend === undefined ? {} : { mend }),
});
export const wrong = (what: string, detail: string, mend: string): Finding => ({
  what,
  verdict: "wrong",
  detail,
  mend,
});

const marks: Readonly<Record<Verdict, string>> = { well: "ok   ", note: "note ", wrong: "WRONG" };

function lineOf({ what, verdict, detail, mend }: Finding): string {
  return `${marks[verdict]} ${what}: ${detail}${mend === undefined ? "" : `; ${mend}`}`;
}

/** Prints them, for people or as one line for programs; 1, the exit code, where one is wrong. */
export function tell(findings: readonly Finding[], json: boolean): number {
  const count = findings.filter(({ verdict }) => verdict === "wrong").length;
  if (json) console.log(JSON.stringify({ findings, wrong: count }));
  else for (const finding of findings) console.log(lineOf(finding));
  return count === 0 ? 0 : 1;
}
