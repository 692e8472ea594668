/**
 * Idempotency-Keys: a request is done once, and its answer is given again for as long as the key
 * is kept. A request that a crash cut off is taken up by its next try.
 */
import { issuerLimits } from "../limits.ts";
import { Refusal } from "../refusal.ts";
import type { House } from "../world.ts";
import { forDue } from "./due.ts";

/** A request under a key: who asks, the key, and the hash of what is asked. */
export interface Keyed {
  readonly principal: string;
  readonly key: string;
  readonly request_hash: Uint8Array;
}

export class Idempotency {
  readonly #house: House;
  /** Keys whose request is under way in this process. */
  readonly #running = new Set<string>();

  constructor(house: House) {
    this.#house = house;
  }

  /**
   * Runs a request once. `begin` decides in one transaction and either answers, or leaves a task
   * outside the file; `finish` then writes the outcome, in one transaction with the answer. A
   * repeat gets the answer; where none was kept, `begin` is told that it is `resumed`.
   */
  async once<Answer, Task>(keyed: Keyed, steps: {
    readonly begin: (resumed: boolean) => { answer: Answer } | { task: Task };
    readonly work?: (task: Task) => Promise<() => Answer>;
  }): Promise<Answer> {
    const { store } = this.#house;
    const name = JSON.stringify([keyed.principal, keyed.key]);
    if (this.#running.has(name)) throw new Refusal("idempotency_in_progress");
    const begun = store.transaction(() => this.#begin<Answer, Task>(keyed, steps.begin));
    if ("answer" in begun) return begun.answer;
    this.#running.add(name);
    try {
      const finish = await steps.work?.(begun.task);
      if (!finish) throw new Refusal("internal");
      return store.transaction(() => this.#keep(keyed, finish()));
    } finally {
      this.#running.delete(name);
    }
  }

  /** True where more is left. */
  prune(): boolean {
    const { store, clock } = this.#house;
    const { idempotency } = store.tables;
    const below = clock.now_ms() - issuerLimits.idempotency_ms;
    const old = { below, limit: issuerLimits.sweep_rows };
    return forDue(store, idempotency.all("by_age", [], old), (row) => idempotency.remove(row));
  }

  #begin<Answer, Task>(
    keyed: Keyed,
    begin: (resumed: boolean) => { answer: Answer } | { task: Task },
  ): { answer: Answer } | { task: Task } {
    const { store, vault, clock } = this.#house;
    const { idempotency } = store.tables;
    const row = idempotency.get(keyed.principal, keyed.key);
    if (row && !vault.equal(row.request_hash, keyed.request_hash)) {
      throw new Refusal("idempotency_key_reused");
    }
    if (row?.answer) return { answer: JSON.parse(row.answer) };
    if (!row) idempotency.insert({ ...keyed, answer: null, at_ms: clock.now_ms() });
    const begun = begin(row !== undefined);
    if ("answer" in begun) this.#keep(keyed, begun.answer);
    return begun;
  }

  #keep<Answer>(keyed: Keyed, answer: Answer): Answer {
    const { idempotency } = this.#house.store.tables;
    const row = idempotency.get(keyed.principal, keyed.key);
    if (row) idempotency.change(row, { answer: JSON.stringify(answer) });
    return answer;
  }
}
