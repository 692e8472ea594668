/**
 * What a store in shadow mode keeps for its calibration: how like everybody at a till was to the
 * likest of those in range, and nothing of who they were. Beside the journal, not in it.
 */
import { join } from "node:path";
import type { NearestScores } from "../../runtime/perception/recogniser.ts";
import type { Log } from "../../runtime/world.ts";

/** Lines that one run adds at most: months of a store. */
const most_lines = 1_000_000;

/** Takes scores in and appends each as a line to `shadow.jsonl` in the data folder. A disk that
 * fails is told once; nothing else of the store depends on it. */
export function shadowNotes(
  data: string,
  log: Log,
): (camera: string, scores: NearestScores) => void {
  const path = join(data, "shadow.jsonl");
  let lines = 0, failed = false;
  let before: Promise<void> = Promise.resolve();
  return (camera, scores) => {
    if (failed || lines++ >= most_lines) return;
    const line = `${JSON.stringify({ camera, ...scores })}\n`;
    before = before.then(() =>
      Deno.writeTextFile(path, line, { append: true, mode: 0o600 }).catch((error: unknown) => {
        failed = true;
        const reason = error instanceof Error ? error.message : String(error);
        log("warn", "scores of the shadow run are not kept: make room or mend the disk", {
          reason,
        });
      })
    );
  };
}
