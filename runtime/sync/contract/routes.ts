/** Where each word of the contract goes: method, path, what is said and what is answered, the
 * same for server and clients. */
import * as schemas from "./schemas.ts";

const nothing = undefined;

export const routes = {
  keys: get("/v1/keys", nothing, schemas.issuerKeys),
  openAccount: post("/v1/accounts", schemas.openAccount, schemas.accountOpened),
  giveConsent: post("/v1/consents", schemas.giveConsent, schemas.consentGiven),
  putTemplate: put("/v1/template", schemas.putTemplate, schemas.templateKept),
  revokeOffers: del("/v1/consents/offers", schemas.accountEnded),
  showContent: post("/v1/content", schemas.showContent, schemas.contentTold),
  shownContent: get("/v1/content", schemas.afterSequence, schemas.shownContents),
  revokeFace: del("/v1/template", schemas.accountEnded),
  putVoice: put("/v1/voice", schemas.putVoice, schemas.voiceKept),
  revokeVoice: del("/v1/voice", schemas.accountEnded),
  eraseAccount: del("/v1/account", schemas.accountEnded),
  checkIn: post("/v1/check-ins", schemas.checkIn, schemas.checkedIn),
  renew: post("/v1/check-ins/{check_in}/renewals", schemas.checkIn, schemas.checkedIn),
  giveTokens: post("/v1/check-ins/{check_in}/tokens", schemas.giveTokens, schemas.tokensHeld),
  sayPeople: put("/v1/check-ins/{check_in}/people", schemas.sayPeople, schemas.peopleSaid),
  leave: del("/v1/check-ins/{check_in}", schemas.checkInEnded),
  readLimits: get("/v1/limits", nothing, schemas.spendingLimits),
  setLimits: put("/v1/limits", schemas.spendingLimits, schemas.spendingLimits),
  setPhrase: put("/v1/phrase", schemas.setPhrase, schemas.phraseSet),
  addDevice: post("/v1/devices", schemas.addDevice, schemas.deviceAdded),
  approvals: get("/v1/approvals", nothing, schemas.approvals),
  answerApproval: post(
    "/v1/approvals/{approval}/answers",
    schemas.answerApproval,
    schemas.approvalAnswered,
  ),
  ageQuestions: get("/v1/age-questions", nothing, schemas.ageQuestions),
  proveAge: post("/v1/age-proofs", schemas.proveAge, schemas.ageProved),
  readAccount: get("/v1/account", nothing, schemas.accountShown),
  accountChanges: get("/v1/account-changes", nothing, schemas.accountChanges),
  undoChange: post(
    "/v1/account-changes/{change}/undo",
    schemas.nothingMore,
    schemas.changeUndone,
  ),
  receipts: get("/v1/receipts", schemas.afterSequence, schemas.receipts),
  registerMerchant: post("/v1/merchants", schemas.registerMerchant, schemas.registerMerchant),
  registerStore: post("/v1/stores", schemas.registerStore, schemas.registerStore),
  registerGateway: post("/v1/gateways", schemas.registerGateway, schemas.gatewayRegistered),
  setEligibility: put(
    "/v1/accounts/{account}/eligibility",
    schemas.setEligibility,
    schemas.eligibilitySet,
  ),
  revokeGateway: del("/v1/gateways/{gateway}", schemas.gatewayRevoked),
  settlement: get("/v1/settlements/{day}", nothing, schemas.settlement),
  settlementLines: get(
    "/v1/settlements/{day}/lines",
    schemas.afterCursor,
    schemas.settlementLines,
  ),
  enrolGateway: post("/v1/gateways/enrolments", schemas.enrolGateway, schemas.gatewayEnrolled),
  turnGatewayKeys: post("/v1/gateways/keys", schemas.turnGatewayKeys, schemas.turnGatewayKeys),
  registerBeacons: post("/v1/beacons", schemas.registerBeacons, schemas.registerBeacons),
  askAccountData: post("/v1/account-data", schemas.askAccountData, schemas.accountData),
  authorise: post("/v1/authorisations", schemas.authorise, schemas.authoriseOutcome),
  conduct: post("/v1/conducts", schemas.conduct, schemas.authoriseOutcome),
  attest: post("/v1/attestations", schemas.attest, schemas.attested),
  checkAnswer: post("/v1/answers", schemas.checkAnswer, schemas.answerChecked),
  askVoices: post("/v1/voices", schemas.askVoices, schemas.voices),
  beginChange: post("/v1/lane-changes", schemas.beginChange, schemas.changeBegun),
  proveChange: post("/v1/lane-changes/proofs", schemas.proveChange, schemas.changeEnded),
  endChange: post("/v1/lane-changes/ends", schemas.endChange, schemas.changeEnded),
  capture: post("/v1/captures", schemas.capture, schemas.captureOutcome),
  forward: post("/v1/forwards", schemas.forward, schemas.captureOutcome),
  release: post("/v1/releases", schemas.release, schemas.released),
  refund: post("/v1/refunds", schemas.refund, schemas.refundOutcome),
  reverse: post("/v1/reversals", schemas.reverse, schemas.reverseOutcome),
  admit: post("/v1/admissions", schemas.admit, schemas.admitted),
  endTrip: post("/v1/trip-ends", schemas.endTrip, schemas.tripEnded),
  decideDispute: post("/v1/dispute-decisions", schemas.decideDispute, schemas.disputeDecided),
  trips: get("/v1/trips", nothing, schemas.trips),
  disputeLine: post("/v1/trips/{trip}/disputes", schemas.disputeLine, schemas.lineDisputed),
  settleTrip: post("/v1/trip-settlements", schemas.settleTrip, schemas.tripSettled),
  registerRetailer: post("/v1/retailers", schemas.registerRetailer, schemas.registerRetailer),
  ledger: get("/v1/ledger", schemas.afterCursor, schemas.ledger),
  /** Answered by server-sent events: see `feedItem`. */
  feed: get("/v1/feed", schemas.afterSequence, nothing),
} as const;

export type RouteName = keyof typeof routes;

function get<Path extends string, Query, Answer>(path: Path, query: Query, answer: Answer) {
  return { method: "GET", path, query, request: nothing, answer } as const;
}

function post<Path extends string, Request, Answer>(path: Path, request: Request, answer: Answer) {
  return { method: "POST", path, query: nothing, request, answer } as const;
}

function put<Path extends string, Request, Answer>(path: Path, request: Request, answer: Answer) {
  return { method: "PUT", path, query: nothing, request, answer } as const;
}

function del<Path extends string, Answer>(path: Path, answer: Answer) {
  return { method: "DELETE", path, query: nothing, request: nothing, answer } as const;
}
