/**
 * What can be said of a file by itself: how long it is, how wide, and whether it opens by saying
 * why it exists. Sizes of functions need the syntax tree and stand in the lint plugin.
 */

export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

export const sizes = { lines: 300, columns: 100 } as const;

/** A line that lets its file be longer, near its head, with the reason. */
const reason = /^\s*(\/\/|\*|#|<!--) long because \S+/;

export function fileFindings(path: string, text: string): Finding[] {
  const lines = text.replace(/\n$/, "").split("\n");
  const findings: Finding[] = [];
  const excused = lines.slice(0, 20).some((line) => reason.test(line));
  if (lines.length > sizes.lines && !excused) {
    findings.push({
      path,
      line: 1,
      message:
        `${lines.length} lines: split it by reason (${sizes.lines} at most), or say at its ` +
        "head `// long because …`",
    });
  }
  lines.forEach((line, index) => {
    const columns = [...line].length;
    if (columns <= sizes.columns) return;
    findings.push({
      path,
      line: index + 1,
      message: `${columns} columns: ${sizes.columns} at most`,
    });
  });
  if (/\.tsx?$/.test(path) && !opensWithReason(lines)) {
    findings.push({
      path,
      line: 1,
      message: "does not open with a comment that says why it exists",
    });
  }
  return findings;
}

function opensWithReason(lines: readonly string[]): boolean {
  const first = lines.find((line) =>
    !/^(#!|\/\/\/ <reference|\/\/ (deno|long because)|\/\* @|\s*$)/
      .test(line)
  );
  return first !== undefined && /^\/\*\*?(\s|$)/.test(first);
}
