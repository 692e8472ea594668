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

export function lineOf({ what, verdict, detail, mend }: Finding): string {
  return `${marks[verdict]} ${what}: ${detail}${mend === undefined ? "" : `; ${mend}`}`;
}
