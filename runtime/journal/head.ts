/** How a batch moves the journal's head; both adapters count in this one way. */
import type { Batch, JournalHead } from "./journal.ts";

/** The head that a batch leaves behind. Turn and time come from the last thing that happened. */
export function headAfter(head: JournalHead, batch: Batch): JournalHead {
  const lastOf = (rows: readonly { position: number }[]) => rows.at(-1)?.position ?? 0;
  const last = batch.history.at(-1);
  return {
    position: Math.max(head.position, lastOf(batch.history), lastOf(batch.outbox_added)),
    turn: Math.max(head.turn, last?.turn ?? 0),
    at_ms: Math.max(head.at_ms, last?.at_ms ?? 0),
    feed_cursor: Math.max(head.feed_cursor, batch.feed_cursor ?? 0),
    starts: head.starts,
  };
}
