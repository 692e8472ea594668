/**
 * A store that comes back to a hundred thousand visits on its disk: how long until it takes facts,
 * and how long until one of the visits has taken one.
 */
import type { Address } from "../../../actors/messages.ts";
import { openSqliteJournal } from "../../../runtime/journal/sqlite.ts";
import { engineOn } from "./durable.ts";
import { visitOpened } from "./sale.ts";

export interface Ready {
  readonly open_ms: number;
  readonly start_ms: number;
  /** From the start to the commit of one fact for one visit. */
  readonly first_ms: number;
  /** One more visit that is only on disk, median. */
  readonly wake_us: number;
  /** Of the journal's file. */
  readonly bytes: number;
}

/** Fills a journal with visits by the engine itself. */
export async function fillWith(path: string, visits: number): Promise<void> {
  const journal = openSqliteJournal(path);
  const engine = engineOn(journal);
  engine.start();
  for (let first = 0; first < visits; first += 1_000) {
    const at_ms = Date.now();
    const posts = Array.from({ length: Math.min(1_000, visits - first) }, (_, index) => {
      const visit = `v${first + index}`;
      const opened = { ...visitOpened(visit, at_ms), lease_expires_ms: at_ms + 3_600_000 };
      return engine.post(`visit/${visit}`, opened);
    });
    await Promise.all(posts);
  }
  await engine.stop();
  journal.close();
}

export async function comeBack(path: string, visits: number): Promise<Ready> {
  const begun = performance.now();
  const journal = openSqliteJournal(path);
  const opened = performance.now();
  const engine = engineOn(journal);
  engine.start();
  const started = performance.now();
  const renew = async (index: number) => {
    const to = `visit/v${index}` as Address;
    const { accepted } = await engine.post(to, visitOpened(`v${index}`, Date.now()));
    if (!accepted) throw new Error(`${to} did not wake up`);
  };
  await renew(visits >> 1);
  const first = performance.now();
  const woken = 1_000;
  await Promise.all(Array.from({ length: woken }, (_, index) => renew(index * 7 % visits)));
  const wake_us = (performance.now() - first) * 1_000 / woken;
  const { asleep } = engine.statistics();
  if (asleep < visits - woken - 1) throw new Error(`only ${asleep} visits were left on the disk`);
  await engine.stop();
  journal.close();
  return {
    open_ms: opened - begun,
    start_ms: started - opened,
    first_ms: first - started,
    wake_us,
    bytes: Deno.statSync(path).size,
  };
}
