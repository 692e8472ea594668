/**
 * A browser as a shopper's phone, for its page: the code for the gate, trips and what is wrong with
 * them, questions above a limit, and what a store shows beside what is held. No DOM in here.
 */
import type { Approval, Content, Trip } from "../../runtime/sync/contract/schemas.ts";
import { entryPicture } from "../phone/entry.ts";
import type { Phone } from "../phone/phone.ts";
import { offersNotice } from "./notice.ts";

/** Another code is drawn after this, so that none is shown that is about to end. */
export const entry_code_every_ms = 20_000;

export interface Pocket {
  /** Opens the account of this browser's key, or finds the one it opened before. */
  open(
    person: {
      readonly first_name: string;
      readonly initials: string;
      readonly instrument: string;
    },
  ): Promise<string>;
  /** The modules of a fresh code for so many people, dark ones true, with the quiet zone. */
  code(people: number): boolean[][];
  trips(): Promise<readonly Trip[]>;
  questions(): Promise<readonly Approval[]>;
  answer(approval: string, yes: boolean): Promise<number>;
  /** So many of the line were never taken. */
  dispute(trip: string, line: number, units: number): Promise<string>;
  /** Has what is owed charged once more. */
  settle(trip: string): Promise<string>;
  /** Agrees to be shown offers, or takes that back. */
  wantOffers(wanted: boolean): Promise<void>;
  /** What was shown since the last time. */
  shown(): Promise<readonly Content[]>;
}

export function pocketOf(own: Phone): Pocket {
  return {
    open: (person) => own.openAccount(person),
    code: (people) => entryPicture(own.entryCode(people)),
    trips: () => own.trips(),
    questions: () => own.approvals(),
    answer: (approval, yes) => own.answer(approval, yes ? "all" : "no"),
    dispute: (trip, line, units) => own.disputeLine(trip, line, units),
    settle: (trip) => own.settleTrip(trip),
    wantOffers: (wanted) => wanted ? own.agreeToOffers(offersNotice.version) : own.revokeOffers(),
    shown: () => own.shown(),
  };
}
