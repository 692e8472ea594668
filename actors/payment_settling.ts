/**
 * The situations of a payment after the issuer was asked, when it may hold money: its answer, the
 * shopper's yes where one is needed, the capture or the reversal, and how it ends.
 */
import { because, ended, reversal, spent } from "./payment_endings.ts";
import { paymentSetup } from "./payment_setup.ts";

const reversals = {
  "operator.cancelled": reversal,
  "pos.cancel_requested": reversal,
  "lane.withdrawn": reversal,
};
const noteAsked = (asked: "authorisation" | "capture") => ({
  type: "noteAsked" as const,
  params: { asked },
});
const partialNotTaken = because("partial_not_taken");

/** The issuer was asked; until it answers it may hold the money. */
export const awaiting_authorisation = paymentSetup.createStateConfig({
  on: {
    "issuer.authorised": {
      target: "awaiting_capture",
      actions: ["noteAuthorisation", "capture"],
    },
    /** Of a charge that was forgotten the answer to a reversal tells: captured, or let go. */
    "issuer.declined": [
      { guard: "isKnown", ...reversal },
      { target: "declined", actions: "noteReason" },
    ],
    "issuer.approval_needed": [
      {
        guard: "isApproved",
        target: "awaiting_authorisation",
        reenter: true,
        actions: ["noteApprovalNeeded", "takeApproved", "conduct"],
      },
      { guard: "isRefused", target: "declined", actions: ["noteApprovalNeeded", "noteRefusal"] },
      {
        guard: "isAnswered",
        target: "reversing",
        actions: ["noteApprovalNeeded", partialNotTaken, "reverse"],
      },
      { target: "awaiting_approval", actions: "noteApprovalNeeded" },
    ],
    "issuer.approval_given": { actions: "noteAnswered" },
    "issuer.approval_refused": { actions: "noteAnswered" },
    "lane.link_changed": [
      {
        guard: "mayStandIn",
        target: "awaiting_stand_in",
        actions: ["noteLink", noteAsked("authorisation"), "askStandIn"],
      },
      { actions: "noteLink" },
    ],
    ...reversals,
  },
  after: {
    authorisationTimeout: {
      target: "reversing",
      actions: [because("issuer_silent"), "reverse"],
    },
  },
});

/** Above a limit of the account: the shopper is asked on the phone, for a bounded time. */
export const awaiting_approval = paymentSetup.createStateConfig({
  on: {
    "issuer.approval_given": [
      {
        guard: "takesApproval",
        target: "awaiting_authorisation",
        actions: ["noteAnswered", "takeApproved", "conduct"],
      },
      { guard: "isOwnApproval", target: "reversing", actions: [partialNotTaken, "reverse"] },
    ],
    "issuer.approval_refused": {
      guard: "isOwnApproval",
      target: "declined",
      actions: "noteReason",
    },
    ...reversals,
  },
  after: {
    untilApprovalEnds: {
      target: "reversing",
      actions: [because("approval_silent"), "reverse"],
    },
  },
});

/** The money is asked for: too late to cancel. The capture stays in the outbox until it is
 * answered, and an authorisation that ran out meanwhile is answered by a refusal. */
export const awaiting_capture = paymentSetup.createStateConfig({
  on: {
    "issuer.captured": { target: "captured", actions: "noteReceipt" },
    "issuer.capture_refused": reversal,
    "lane.link_changed": [
      {
        guard: "mayStandIn",
        target: "awaiting_stand_in",
        actions: ["noteLink", noteAsked("capture"), "askStandIn"],
      },
      { actions: "noteLink" },
    ],
  },
});

/** The reversal stays in the outbox until it is answered. Answers to what was asked before it
 * change nothing: the issuer settles one payment's requests in their order. */
export const reversing = paymentSetup.createStateConfig({
  entry: "letLaneGo",
  on: {
    "lane.link_changed": { actions: ["noteLink", "letLaneGo"] },
    "issuer.reversed": "reversed",
    /** It had been captured, and an old backup had forgotten that. */
    "issuer.captured": { target: "captured", actions: "noteReceipt" },
    "issuer.authorised": { actions: "noteAuthorisation" },
    "operator.cancelled": { actions: "agree" },
    "pos.cancel_requested": { actions: "agree" },
  },
});

const conducted = {
  "issuer.captured": { target: "captured" as const, actions: "noteReceipt" as const },
  "issuer.declined": { target: "declined" as const, actions: "noteReason" as const },
  "issuer.reversed": { target: "reversed" as const },
  "cart.priced": { actions: "openCart" as const },
};
/** Nothing was heard for longer than the issuer itself tries: it is asked to let go. */
const unheard = {
  target: "reversing" as const,
  actions: [because("issuer_silent"), "reverse" as const],
};

/** A walk-out cart: the issuer charges by what the phone or the face at the gate allowed, asks the
 * phone above a limit, and tells. */
export const awaiting_charge = paymentSetup.createStateConfig({
  on: {
    ...conducted,
    "issuer.charge_owed": { target: "owing", actions: "noteReason" },
    "issuer.approval_given": { actions: "agree" },
    "issuer.approval_refused": { actions: "agree" },
  },
  after: { chargeTimeout: unheard },
});

/** Declined after the shopper had left. The phone says so, and may pay by another way. */
export const owing = paymentSetup.createStateConfig({
  on: conducted,
  after: { chargeTimeout: unheard },
});

export const ends = {
  captured: { type: "final", entry: [ended("captured"), spent] },
  declined: { type: "final", entry: [ended("declined"), spent] },
  cancelled: { type: "final", entry: ended("cancelled") },
  reversed: { type: "final", entry: [ended("reversed"), spent] },
  /** The goods are gone and the issuer will not pay for them: for the people of the store. */
  refused_late: { type: "final", entry: ended("refused_late") },
} as const;
