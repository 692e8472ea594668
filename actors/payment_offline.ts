/**
 * The situations of a payment while the issuer is away: it is accepted against an allowance that
 * the issuer signed beforehand, and forwarded when the issuer is there again. What was asked of the
 * issuer before stays asked: its answers come first, since one payment's requests keep their order.
 */
import { because, ended, givesUp, reversal } from "./payment_endings.ts";
import { paymentSetup } from "./payment_setup.ts";

const back = "returnStandIn" as const;
const goesBack = {
  ...reversal,
  actions: [back, ...reversal.actions],
};

/** The store has yet to say whether it stands in. If the issuer answers what it was asked before,
 * that counts. */
export const awaiting_stand_in = paymentSetup.createStateConfig({
  on: {
    "stand_in.granted": {
      target: "accepted_offline",
      actions: ["noteAccepted", "forward", "releaseUsed"],
    },
    "stand_in.refused": [
      { guard: "isCapturing", target: "awaiting_capture" },
      { guard: "isAuthorising", target: "awaiting_authorisation" },
      { guard: "isInReach", target: "awaiting_authorisation", actions: "authorise" },
      ...givesUp("noteReason", "unspend"),
    ],
    "lane.link_changed": { actions: "noteLink" },
    "issuer.authorised": {
      target: "awaiting_capture",
      actions: [back, "noteAuthorisation", "capture"],
    },
    "issuer.declined": [
      { guard: "isKnown", ...goesBack },
      { target: "declined", actions: [back, "noteReason"] },
    ],
    "issuer.approval_needed": {
      target: "awaiting_approval",
      actions: [back, "noteApprovalNeeded"],
    },
    "issuer.captured": { target: "captured", actions: [back, "noteReceipt"] },
    "issuer.capture_refused": goesBack,
  },
  after: {
    standInTimeout: [
      { guard: "isCapturing", target: "awaiting_capture", actions: back },
      {
        guard: "isAuthorising",
        ...goesBack,
        actions: [because("issuer_silent"), ...goesBack.actions],
      },
      ...givesUp(because("stand_in_silent"), back, "unspend"),
    ],
  },
});

/** The till was told that it is paid, and the issuer has yet to hear of it. What it says to earlier
 * requests for the same payment decides nothing any more, unless the money was taken by one. */
export const accepted_offline = paymentSetup.createStateConfig({
  entry: ended("accepted_offline"),
  on: {
    "issuer.captured": { target: "captured", actions: ["noteReceipt", "settleStandIn"] },
    "issuer.forward_refused": { target: "refused_late", actions: ["noteReason", "settleStandIn"] },
    "issuer.authorised": { actions: "agree" },
    "issuer.declined": { actions: "agree" },
    "issuer.capture_refused": { actions: "agree" },
    "issuer.approval_needed": { actions: "agree" },
    "lane.link_changed": { actions: "noteLink" },
  },
});
