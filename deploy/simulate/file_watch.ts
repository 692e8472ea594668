/**
 * The issuer's file under the eyes of the witness: what is written about limits, questions and
 * account data is told when it is written, whoever asked for it and whether or not he was answered.
 */
import type { WantedChange } from "../../actors/messages.ts";
import type { Value } from "../issuer/store/shape.ts";
import type { Table, Tables } from "../issuer/store/store.ts";
import type { Fact } from "./facts.ts";

interface Writes<Row> {
  /** A row as it is after it was written, and as it was before. */
  (row: Row, before: Row | undefined): void;
}

/** A table that tells of each row it is given. */
function watched<Row, Name extends string>(
  table: Table<Row, Name>,
  keyOf: (row: Row) => readonly Value[],
  told: Writes<Row>,
): Table<Row, Name> {
  return {
    get: (...key) => table.get(...key),
    first: (index, ...by) => table.first(index, ...by),
    last: (index, ...by) => table.last(index, ...by),
    all: (index, by, range) => table.all(index, by, range),
    count: (index, ...by) => table.count(index, ...by),
    remove: (row) => table.remove(row),
    insert(row) {
      const kept = table.insert(row);
      told(kept, undefined);
      return kept;
    },
    put(row) {
      const before = table.get(...keyOf(row));
      table.put(row);
      told(row, before);
    },
    change(row, changes) {
      const before = table.get(...keyOf(row));
      table.change(row, changes);
      const after = table.get(...keyOf(row));
      if (after) told(after, before);
    },
  };
}

/** The check-in of whose end an item tells. */
function endedBy(body: string): string | undefined {
  if (!body.includes('"check_in.ended"')) return undefined;
  const { type, check_in } = JSON.parse(body) as { type: string; check_in?: string };
  return type === "check_in.ended" ? check_in : undefined;
}

const contacts = ["phone", "address", "email"] as const;

/** The same tables, some of them watched. */
export function watchedFile(tables: Tables, notice: (fact: Fact) => void): Tables {
  const written = (account: string, what: WantedChange["what"]) =>
    notice({ fact: "account_data", account, what });
  return {
    ...tables,
    spending: watched(tables.spending, ({ account }) => [account], (row) => {
      const { account, sale_minor, day_minor } = row;
      notice({ fact: "limits", account, sale_minor, day_minor });
    }),
    approval: watched(tables.approval, ({ approval }) => [approval], (row, before) => {
      const { approval, account, payment, amount_minor, expires_ms } = row;
      if (!before) {
        notice({ fact: "question", approval, account, payment, amount_minor, expires_ms });
      } else if (row.ended !== null) {
        const { ended: how, answer_minor, answered_by: device } = row;
        notice({ fact: "question_ended", approval, how, amount_minor: answer_minor, device });
      }
    }),
    age_question: watched(tables.age_question, ({ nonce }) => [nonce], (row, before) => {
      const { nonce, account, payment, need, expires_ms } = row;
      if (!before) notice({ fact: "age_asked", nonce, account, payment, need, expires_ms });
      else if (row.proved === 1) notice({ fact: "age_proved", nonce });
    }),
    change: watched(tables.change, ({ change }) => [change], (row) => {
      notice({ fact: "change", row });
    }),
    contact: watched(tables.contact, ({ account }) => [account], (row, before) => {
      for (const what of contacts) {
        if (row[what] !== (before?.[what] ?? null)) written(row.account, what);
      }
    }),
    feed: watched(tables.feed, ({ gateway, sequence }) => [gateway, sequence], (row) => {
      const { sequence, expires_ms, body } = row;
      notice({ fact: "feed", sequence, expires_ms, ended: endedBy(body) });
    }),
    account: watched(tables.account, ({ account }) => [account], (row, before) => {
      if (before && row.instrument !== before.instrument) written(row.account, "instrument");
    }),
  };
}
