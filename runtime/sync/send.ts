/** Durable commands in the words of the wire contract, and the issuer's answers as events. */
import type { z } from "zod";
import type {
  ChangeAnswer,
  DurableCommand,
  Evidence,
  IssuerAnswer,
  RefundAnswer,
} from "../../actors/messages.ts";
import type { TripFact } from "../../actors/walkout.ts";
import { invariant, InvariantError } from "../errors.ts";
import { sendTrip } from "./trips.ts";
import type { IssuerPort } from "./contract/port.ts";
import type { authoriseOutcome } from "./contract/schemas.ts";

/** What a durable command may be answered with. */
export type SettledAnswer =
  | IssuerAnswer
  | RefundAnswer
  | ChangeAnswer
  | TripFact
  | { readonly type: "issuer.allowances_released" };

/** What goes with a command besides its words. */
interface How {
  readonly key: string;
  readonly signal: AbortSignal;
  readonly repeat?: number;
}

/** Sends one under its idempotency key, marked when it was sent before.
 * Rejects as the port does. */
export async function sent(
  issuer: IssuerPort,
  command: DurableCommand,
  key: string,
  signal: AbortSignal,
  repeat = 0,
): Promise<SettledAnswer> {
  const marked = repeat > 0 ? { repeat } : {};
  switch (command.type) {
    case "issuer.release": {
      const { visit, allowances } = command;
      const body = { check_in: visit, allowances: [...allowances] };
      await issuer.call("release", { body, signal, ...marked });
      return { type: "issuer.allowances_released" };
    }
    case "issuer.attest": {
      const { payment, visit, needs, attempt } = command;
      const body = { payment, check_in: visit, needs: [...needs] };
      const { eligible } = await issuer.call("attest", { body, signal, ...marked });
      return { type: "issuer.attested", attempt, eligible };
    }
    case "issuer.begin_change": {
      const { type: _, visit, ...rest } = command;
      const body = { ...rest, check_in: visit };
      const { nonce } = await issuer.call("beginChange", { body, signal, ...marked });
      return { type: "issuer.change_begun", nonce };
    }
    case "issuer.end_change": {
      const { change } = command;
      const ended = await issuer.call("endChange", { body: { change }, signal, ...marked });
      return { type: "issuer.change_ended", ...ended };
    }
    case "issuer.end_trip":
    case "issuer.decide_dispute":
      return await sendTrip(issuer, command, signal);
    case "retailer.submit_purchase":
    case "retailer.tell_dispute":
      throw new InvariantError("what is for the retailer came to the issuer");
    default:
      return await moved(issuer, command, { key, signal, ...marked });
  }
}

type Money = Exclude<
  DurableCommand,
  {
    type:
      | "issuer.attest"
      | "issuer.begin_change"
      | "issuer.end_change"
      | "issuer.release"
      | "issuer.end_trip"
      | "issuer.decide_dispute"
      | "retailer.submit_purchase"
      | "retailer.tell_dispute";
  }
>;

/** Those that move money, or let go of it. */
async function moved(
  issuer: IssuerPort,
  command: Money,
  how: How,
): Promise<SettledAnswer> {
  switch (command.type) {
    case "issuer.authorise": {
      const { type: _, visit, items, ...rest } = command;
      const evidence = evidenceOf(command);
      const body = { ...rest, evidence, check_in: visit, items: [...items] };
      return authoriseAnswer(await issuer.call("authorise", { body, ...how }));
    }
    case "issuer.conduct": {
      const { type: _, ...body } = command;
      return authoriseAnswer(await issuer.call("conduct", { body, ...how }));
    }
    case "issuer.capture": {
      const { type: _, ...body } = command;
      const answer = await issuer.call("capture", { body, ...how });
      return answer.outcome === "captured"
        ? { type: "issuer.captured", receipt: answer.receipt }
        : { type: "issuer.capture_refused", reason: answer.reason };
    }
    case "issuer.forward": {
      const { type: _, visit, items, allowance: _name, proof: allowance, ...rest } = command;
      const evidence = evidenceOf(command);
      const body = { ...rest, evidence, check_in: visit, items: [...items], allowance };
      const answer = await issuer.call("forward", { body, ...how });
      return answer.outcome === "captured"
        ? { type: "issuer.captured", receipt: answer.receipt }
        : { type: "issuer.forward_refused", reason: answer.reason };
    }
    case "issuer.refund": {
      const { type: _, ...body } = command;
      const answer = await issuer.call("refund", { body, ...how });
      return answer.outcome === "refunded"
        ? { type: "issuer.refunded", receipt: answer.receipt }
        : { type: "issuer.refund_refused", reason: answer.reason };
    }
    case "issuer.reverse": {
      const { type: _, ...body } = command;
      const answer = await issuer.call("reverse", { body, ...how });
      return answer.outcome === "captured"
        ? { type: "issuer.captured", receipt: answer.receipt }
        : { type: "issuer.reversed" };
    }
  }
}

/** What a charge stands on, which is never a face that may be a film. */
function evidenceOf({ evidence }: { readonly evidence: Evidence }) {
  const { liveness } = evidence;
  invariant(liveness !== "unsure", "a charge stands on a face that may be a film");
  return { ...evidence, liveness };
}

function authoriseAnswer(answer: z.output<typeof authoriseOutcome>): IssuerAnswer {
  switch (answer.outcome) {
    case "authorised": {
      const { authorisation, expires_ms } = answer;
      return { type: "issuer.authorised", authorisation, expires_ms };
    }
    case "declined":
      return { type: "issuer.declined", reason: answer.reason };
    case "approval_needed": {
      const { approval, reason, until_ms } = answer;
      return { type: "issuer.approval_needed", approval, reason, until_ms };
    }
  }
}
