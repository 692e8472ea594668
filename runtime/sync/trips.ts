/** What a gateway says to the issuer about walk-out trips, in the words of the wire contract. */
import type { DurableCommand, Item } from "../../actors/messages.ts";
import type {
  AdmissionAnswer,
  EntryEvidence,
  TripFact,
  VolatileTripCommand,
} from "../../actors/walkout.ts";
import type { IssuerPort } from "./contract/port.ts";

type TripCommand = Extract<
  DurableCommand,
  { type: "issuer.end_trip" } | { type: "issuer.decide_dispute" }
>;
type Admit = Extract<VolatileTripCommand, { type: "issuer.admit" }>;

/** One command about a trip; rejects as the port does. */
export async function sendTrip(
  client: IssuerPort,
  command: TripCommand,
  signal: AbortSignal,
): Promise<TripFact> {
  if (command.type === "issuer.decide_dispute") {
    const { dispute, granted, operator } = command;
    const answer = await client.call("decideDispute", {
      body: { dispute, granted, operator },
      signal,
    });
    return { type: "issuer.dispute_closed", ...answer };
  }
  const { trip, reason } = command;
  const answer = await client.call("endTrip", { body: { trip, reason }, signal });
  if (answer.outcome === "ended") return { type: "issuer.trip_ended" };
  if (answer.outcome === "cancelled") return { type: "issuer.cart_cancelled" };
  const { amount_minor, currency } = answer;
  const items: Item[] = answer.items.map(({ gtin, needs, ...item }) => ({
    ...item,
    ...(gtin === undefined ? {} : { gtin }),
    ...(needs === undefined ? {} : { needs }),
  }));
  return { type: "issuer.cart_priced", amount_minor, currency, items };
}

const evidenceOf = ({ visit, camera, operator }: Admit): EntryEvidence => {
  if (visit === null) return { kind: "code_at_gate" };
  if (operator !== null) return { kind: "associate", visit, operator };
  return { kind: "face_at_gate", visit, camera: camera ?? "" };
};

export async function admissionOf(
  client: IssuerPort,
  command: Admit,
  signal: AbortSignal,
): Promise<AdmissionAnswer> {
  const { entry, gate, entry_code, visit, camera, operator, people } = command;
  const answer = await client.call("admit", {
    body: {
      trip: entry,
      gate,
      people,
      ...(entry_code === null ? {} : { code: entry_code }),
      ...(visit === null ? {} : { check_in: visit }),
      ...(camera === null ? {} : { camera }),
      ...(operator === null ? {} : { operator }),
    },
    signal,
  });
  if (answer.outcome === "refused") {
    return { type: "issuer.not_admitted", entry, reason: answer.reason };
  }
  const { account, identity_key } = answer;
  return {
    type: "issuer.admitted",
    entry,
    account,
    identity_key,
    people: answer.people,
    evidence: evidenceOf(command),
  };
}
