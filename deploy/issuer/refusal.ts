/** The issuer's no: thrown by a room, undoing its transaction, answered as an RFC 9457 problem. */
import { type ProblemKind, problems } from "../../runtime/sync/contract/problems.ts";

export class Refusal extends Error {
  override readonly name = "Refusal";
  constructor(readonly kind: ProblemKind, readonly detail?: string) {
    super(detail ?? problems[kind][1]);
  }
}
