/** What the doctor finds: one line each, with the way to mend it. */
import type { HardwareError } from "../../hardware/errors.ts";

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

/** The first line of what went wrong. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";

/** A driver's errors carry the way out behind their colon. */
export function explained(what: string, error: HardwareError): Finding {
  const message = error.message.startsWith(`${what} `)
    ? error.message.slice(what.length + 1)
    : error.message;
  const cut = message.lastIndexOf(": ");
  return cut < 0
    ? wrong(what, message, "see docs/hardware.md")
    : wrong(what, message.slice(0, cut), message.slice(cut + 2));
}

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
