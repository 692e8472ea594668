/**
 * The record of a run: its turns, its hash, its last events, and a trace for people. It stands
 * between the store and the auditor, so that all three hear the same.
 */
import type { Batch } from "../../runtime/journal/journal.ts";
import type { SimulatedDisk } from "../../runtime/sim/disk.ts";
import type { Receipt, Refused } from "../../runtime/sync/contract/schemas.ts";
import type { PerceptionReading, Side } from "../../runtime/world.ts";
import type { SaleAnswer, TillSale } from "../demo/till_words.ts";
import type { Fact } from "./facts.ts";
import type { MoneyAct, Witness } from "./witness.ts";

/** Something that happened, written out only when somebody reads it. */
interface Entry {
  readonly turn: number;
  readonly at_ms: number;
  readonly words: readonly unknown[];
}

const entries_kept = 8_192;
const told_of_each = 14;

export class Record implements Witness {
  #a = 0x811c9dc5;
  #b = 0x9e3779b9;
  readonly #entries: Entry[] = [];
  #next = 0;

  constructor(
    private readonly now_ms: () => number,
    private readonly turns: () => number,
    private readonly auditor: () => Witness | undefined,
    private readonly print: ((line: string) => void) | undefined,
  ) {}

  get hash(): string {
    return [this.#a, this.#b].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }

  /** The last things that concerned any of these, oldest first. */
  lastOf(concerns: readonly string[]): string[] {
    const known = concerns.filter((concern) => concern !== "");
    const all = [...this.#entries.slice(this.#next), ...this.#entries.slice(0, this.#next)];
    return all.map(written)
      .filter((line) => known.some((concern) => line.includes(concern)))
      .slice(-told_of_each * Math.max(1, known.length));
  }

  /** Something beside the edges that a reader of the trace wants to know. */
  note(...words: readonly unknown[]): void {
    const entry = { turn: this.turns(), at_ms: this.now_ms(), words };
    if (this.#entries.length < entries_kept) this.#entries.push(entry);
    else this.#entries[this.#next] = entry;
    this.#next = (this.#next + 1) % entries_kept;
    this.print?.(written(entry));
  }

  #mix(text: string): void {
    let [a, b] = [this.#a, this.#b];
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      a = Math.imul(a ^ code, 0x01000193);
      b = Math.imul(b ^ code, 0x85ebca6b);
      b ^= b >>> 13;
    }
    this.#a = a;
    this.#b = b ^ (this.now_ms() | 0);
  }

  committed(batch: Batch): void {
    for (const row of batch.history) {
      const { address, event, from, before, after, commands } = row;
      this.#mix(`${address} ${event.type} ${after} ${row.at_ms}`);
      this.note(address, from, event, before, "->", after, commands);
    }
    this.auditor()?.committed(batch);
  }

  sent(path: string, key: string): void {
    this.#mix(`${path} ${key}`);
    this.note("gateway sends", path, key);
    this.auditor()?.sent(path, key);
  }
  answered(path: string, key: string, answer: string): void {
    this.auditor()?.answered(path, key, answer);
  }
  done(signature: string, path: string): void {
    this.auditor()?.done(signature, path);
  }
  restored(disk: SimulatedDisk): void {
    this.#mix("restored");
    this.note("an old disk is put back", disk.head);
    this.auditor()?.restored(disk);
  }
  moved(reference: string, amount_minor: number, act: MoneyAct): void {
    this.#mix(`${reference} ${amount_minor} ${act.act} ${act.outcome}`);
    this.note("acquirer", reference, amount_minor, act);
    this.auditor()?.moved(reference, amount_minor, act);
  }
  checkedIn(check_in: string, lease_ms: number, hardware_id: string, code: string): void {
    this.#mix(`in ${check_in} ${lease_ms}`);
    this.note("issuer tells a phone", check_in, "until", lease_ms, hardware_id, code);
    this.auditor()?.checkedIn(check_in, lease_ms, hardware_id, code);
  }
  leaseKept(check_in: string, lease_ms: number): void {
    this.auditor()?.leaseKept(check_in, lease_ms);
  }
  checkedOut(check_in: string): void {
    this.#mix(`out ${check_in}`);
    this.note("a phone leaves", check_in);
    this.auditor()?.checkedOut(check_in);
  }
  codeSet(hardware_id: string, code: string, until_ms: number): void {
    this.#mix(`${hardware_id} ${code}`);
    this.note("on the air", hardware_id, code, until_ms);
    this.auditor()?.codeSet(hardware_id, code, until_ms);
  }
  tillAsked(lane: string, sale: TillSale): void {
    this.note(`till ${lane} asks`, sale.service_id, sale.amount_minor);
    this.auditor()?.tillAsked(lane, sale);
  }
  tillTold(lane: string, sale: TillSale, answer: SaleAnswer): void {
    this.#mix(`${lane} ${answer.payment} ${answer.state}`);
    this.note(`till ${lane} is told`, answer.payment, answer.state, answer.reason);
    this.auditor()?.tillTold(lane, sale, answer);
  }
  tapped(payment: string, visit: string, operator: string): void {
    this.#mix(`${payment} ${visit}`);
    this.note(operator, "taps", visit, "for", payment);
    this.auditor()?.tapped(payment, visit, operator);
  }
  receipt(account: string, receipt: Receipt): void {
    this.#mix(`${account} ${receipt.receipt}`);
    this.note(account, "has receipt", receipt.receipt, receipt.payment, receipt.amount_minor);
    this.auditor()?.receipt(account, receipt);
  }
  refusal(account: string, refusal: Refused): void {
    this.#mix(`${account} ${refusal.payment}`);
    this.note(account, "is told of", refusal.payment, refusal.reason);
    this.auditor()?.refusal(account, refusal);
  }
  reserved(allowances: readonly string[]): void {
    this.auditor()?.reserved(allowances);
  }
  released(allowances: readonly string[]): void {
    this.note("a gateway gives back", allowances);
    this.auditor()?.released(allowances);
  }
  brought(allowance: string): void {
    this.auditor()?.brought(allowance);
  }
  noticed(fact: Fact): void {
    this.#mix(fact.fact);
    const dull = fact.fact === "settled" || fact.fact === "feed" && fact.ended === undefined;
    if (!dull) this.note("noticed", withoutFace(fact));
    this.auditor()?.noticed(fact);
  }
  probed(camera: string, face: Float32Array): void {
    this.noticed({ fact: "face", camera, face });
  }
  askedToTurn(camera: string, sides: readonly Side[]): void {
    this.noticed({ fact: "asked_to_turn", camera, sides });
  }
  turned(camera: string, met: boolean, turns: number): void {
    this.noticed({ fact: "turned", camera, met, turns });
  }
  prompted(microphone: string, digits: readonly number[]): void {
    this.noticed({ fact: "prompted", microphone, digits });
  }
  admitted(camera: string, visit: string): void {
    this.#mix(`${camera} + ${visit}`);
    this.note(camera, "holds", visit);
    this.auditor()?.admitted(camera, visit);
  }
  wiped(camera: string, visit: string): void {
    this.#mix(`${camera} - ${visit}`);
    this.note(camera, "wipes", visit);
    this.auditor()?.wiped(camera, visit);
  }
  emptied(camera: string): void {
    this.#mix(camera);
    this.note(camera, "is empty");
    this.auditor()?.emptied(camera);
  }
  told(camera: string, reading: PerceptionReading): void {
    this.#mix(`${camera} ${reading.type}`);
    this.note(camera, "says", reading);
    this.auditor()?.told(camera, reading);
  }
}

function withoutFace(fact: Fact): unknown {
  if (fact.fact === "speaks") return { ...fact, voice: undefined };
  return fact.fact === "face" || fact.fact === "stands" ? { ...fact, face: undefined } : fact;
}

function written({ turn, at_ms, words }: Entry): string {
  const time = new Date(at_ms).toISOString().slice(0, 23);
  const text = words.map((word) => typeof word === "string" ? word : JSON.stringify(word) ?? "");
  return `${turn} ${time} ${text.join(" ")}`;
}
