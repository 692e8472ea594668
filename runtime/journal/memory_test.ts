/** The journal in memory keeps the promises of a journal. */
import { journalSuite, type Place } from "./journal_suite.ts";
import { MemoryDisk, openMemoryJournal } from "./memory.ts";

function placeOn(disk: MemoryDisk): Place {
  return {
    open: (options) => openMemoryJournal(disk, options),
    crashed: () => placeOn(disk.copy()),
  };
}

journalSuite("memory", () => ({ ...placeOn(new MemoryDisk()), [Symbol.dispose]() {} }));
