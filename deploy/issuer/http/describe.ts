/**
 * What the OpenAPI document says of each route, in words; shapes come from the schemas.
 */
import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { type RouteName, routes } from "../../../runtime/sync/contract/routes.ts";
import { problem } from "../../../runtime/sync/contract/schemas.ts";
import { problems } from "../../../runtime/sync/contract/problems.ts";
import { keyidPrefix, who } from "../authority.ts";
import { keyed } from "../calls.ts";
import type { Variables } from "./envelope.ts";

const words: Readonly<Record<RouteName, readonly [summary: string, description: string]>> = {
  keys: ["The issuer's public keys", "What a gateway or phone learns once and then pins."],
  openAccount: [
    "Open an account",
    "Bound to the key of the device that signs. The same key again gets the same account.",
  ],
  giveConsent: [
    "Agree to the notice on face templates, or to be shown offers",
    "Recorded with version and time. Nothing biometric is taken, and nothing shown, before.",
  ],
  revokeOffers: [
    "Revoke the consent to offers",
    "Stores show nothing personal any more, and what was shown is forgotten.",
  ],
  showContent: [
    "Show content on a phone",
    "For a live check-in of the gateway's store whose account agreed to offers.",
  ],
  shownContent: [
    "Read what was shown",
    "In the stay under way, after the given sequence, oldest first. Kept in memory alone.",
  ],
  putTemplate: [
    "Give a face template",
    "Sealed to the issuer's sealing key, bound to account and consent; kept sealed.",
  ],
  revokeFace: [
    "Revoke the consent to face templates",
    "Templates are removed and overwritten, a stay under way ends, the store wipes what it holds.",
  ],
  putVoice: [
    "Enrol a voice",
    "Sealed to the issuer, under a consent to voices.",
  ],
  revokeVoice: [
    "Take the consent to voices back",
    "The voice is removed; the face and a stay under way are as they were.",
  ],
  eraseAccount: [
    "Erase the account",
    "All that is about the person goes; payments and receipts stay under a name that says nothing.",
  ],
  checkIn: [
    "Check in at a beacon",
    "Proved by the code that is on its air. While a check-in lives in this store, it is renewed.",
  ],
  renew: ["Renew a check-in", "With a fresh code of a beacon of the same store."],
  giveTokens: [
    "Give one-time transaction tokens",
    "Each pays one sale of this visit. A token that is held already may be given again.",
  ],
  sayPeople: [
    "Say how many come in together",
    "A gate that knows the face lets so many in under this account, for some minutes from now.",
  ],
  leave: ["End a check-in", "The gateway is told. Ending it twice is no error."],
  readLimits: ["Read the limits", "Up to them a charge is conducted without asking."],
  setLimits: ["Set the limits", "Above any of them the shopper is asked on the phone."],
  setPhrase: [
    "Set the phrase",
    "Tells its owner from others at a till. Kept as a slow hash; the same again replaces it.",
  ],
  addDevice: ["Add a device", "It may read what the account is asked, and answer."],
  approvals: ["Read what is asked", "Charges that wait for the shopper's yes, oldest first."],
  answerApproval: [
    "Say yes or no to a charge",
    "Yes may be to less. The first answer of any device counts, and every later one is told it.",
  ],
  readAccount: ["Read the account", "What the issuer has of the person, for the person."],
  accountChanges: [
    "Read changes that were asked for at lanes",
    "Newest first: those that took effect, those that wait to, and faces that differed.",
  ],
  undoChange: ["Undo a change", "Before it takes effect, and for some days after."],
  receipts: ["Read receipts", "Those after the given sequence, oldest first, 100 at most."],
  registerMerchant: ["Register a merchant", "The same again changes its name."],
  registerStore: ["Register a store", "The same again changes its name and policy."],
  registerGateway: [
    "Register a gateway",
    "Answers a one-time code with which it enrols; codes made before are void.",
  ],
  setEligibility: [
    "Record what a person may have",
    "Proved elsewhere. Gateways are told thresholds met, never the date.",
  ],
  revokeGateway: ["Revoke a gateway", "Its keys are unknown from now on, its feed ends."],
  settlement: [
    "Read a day's settlement",
    "Charges and refunds of a day (`YYYY-MM-DD`, UTC), added up by store.",
  ],
  settlementLines: [
    "Read the lines of a day's settlement",
    "One for each capture and each refund, in the order of their receipts; added up they are the " +
    "day's settlement.",
  ],
  enrolGateway: ["Enrol a gateway", "Binds the gateway's keys, once a code."],
  turnGatewayKeys: [
    "Announce new keys",
    "Signed with the keys in use; the first request that the new ones sign ends those.",
  ],
  registerBeacons: [
    "Register beacons",
    "They become this gateway's; their present codes follow on its feed.",
  ],
  askAccountData: [
    "Ask who is at a beacon",
    "For the gateway's own beacon, proved by code and nonce of its present or previous period. " +
    "Templates are sealed to the gateway's sealing key. With `since`, those alone of whom " +
    "something changed.",
  ],
  authorise: [
    "Authorise a payment",
    "Spends the token. A declined payment may be tried again under another key.",
  ],
  conduct: [
    "Go on with an approved payment",
    "After the shopper's yes came on the feed; no more than was agreed to.",
  ],
  attest: [
    "Ask what a shopper may have",
    "For a live check-in of the gateway's store. Answers those of the needs that are met.",
  ],
  ageQuestions: [
    "Read which ages are asked",
    "Of sales under way for which the issuer does not know that the account is old enough. Empty " +
    "where no authority for identity documents is trusted.",
  ],
  proveAge: [
    "Prove an age for a sale",
    "By a DeviceResponse (ISO/IEC 18013-5) whose device signature covers the OpenID4VP session " +
    "transcript of the question. Counts for that sale alone.",
  ],
  checkAnswer: [
    "Ask whose phrase it is",
    "Among check-ins at one lane. A few wrong ones in a stay, and none is compared any more.",
  ],
  askVoices: [
    "Ask for the voices of those who could be meant",
    "For live check-ins of its store, two or more, when it is about to listen. Each is sealed to " +
    "the gateway and bound to the check-in.",
  ],
  beginChange: [
    "Announce a change of account data",
    "For a live check-in of the gateway's store. Answers a nonce for the proof. The same again " +
    "is the same change, with a new nonce as long as it is not proved.",
  ],
  proveChange: [
    "Prove a change by a face",
    "The probe is sealed to the issuer, bound to the nonce and to what the camera saw. The " +
    "issuer compares; the account's template goes nowhere. One face a change.",
  ],
  endChange: [
    "Ask how a change ended",
    "One that was not proved is withdrawn by it, also one that nobody announced.",
  ],
  capture: ["Capture a payment", "Once, and no more than was authorised. Writes the receipt."],
  forward: [
    "Bring what was accepted while the issuer was away",
    "Under an allowance of its own, judged as of when it was accepted. Taken at once, or " +
    "refused, and then the shopper is told. `Saunter-Repeat` marks what was sent before.",
  ],
  release: [
    "Give allowances back",
    "Of a visit that is over. What was used meanwhile stays used; what is unknown is left out.",
  ],
  refund: [
    "Give money back",
    "Of a captured payment, all or a part. Never more than was captured, nor than an operator may.",
  ],
  reverse: [
    "Reverse a payment",
    "Lets go of what is held and refuses whatever comes for it later, also when nothing had come.",
  ],
  admit: [
    "Ask who stands at a gate",
    "By a code that the account's phone signed for half a minute and one trip, or by a check-in " +
    "for which a camera or an associate vouches. Begins the trip.",
  ],
  endTrip: [
    "End a trip without a charge",
    "What comes for it later is refused; what was priced before is told.",
  ],
  decideDispute: [
    "Decide a disputed line",
    "The first word counts; what is granted is given back.",
  ],
  trips: ["Read walk-out trips", "What was taken, what it costs, what is owed. Newest first."],
  disputeLine: ["Dispute a line", "Within a day of its being paid; the store looks at it."],
  settleTrip: ["Pay what is owed", "Charges a declined trip once more."],
  registerRetailer: [
    "Register a retailer's key",
    "Its own system signs with it, keyid `retailer:MERCHANT`. The same again changes the key.",
  ],
  ledger: ["Read the ledger", "The gateway's own payments, for reconciliation."],
  feed: [
    "Follow the feed",
    "Server-sent events: `id` is the sequence, `data` a compact JWS of the issuer over the item. " +
    "Goes on after `after`, or after Last-Event-ID. Comments are signs of life.",
  ],
};

const securityOf = {
  anyone: [],
  administrator: [{ administrator: [] }],
  new_device: [{ signature: [] }],
  account: [{ signature: [] }],
  shopper: [{ signature: [] }],
  new_gateway: [{ signature: [] }],
  gateway: [{ signature: [] }],
};

const idempotencyKey = z.object({
  "idempotency-key": z.string().min(3).max(202).meta({
    description: 'A structured-field string: the key in double quotes, as in "gw-1.7f.12".',
  }),
});

/** Adds a route to the document. */
export function describe(app: OpenAPIHono<Variables>, name: RouteName): void {
  const route = routes[name];
  const [summary, description] = words[name];
  const needed = who[name];
  const signed = needed in keyidPrefix
    ? ` Signed with keyid \`${keyidPrefix[needed as keyof typeof keyidPrefix]}…\`.`
    : "";
  const parameters = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, part]) => part ?? "");
  const answered = route.answer
    ? { "application/json": { schema: route.answer } }
    : { "text/event-stream": { schema: z.string() } };
  app.openAPIRegistry.registerPath(createRoute({
    method: route.method.toLowerCase() as "get" | "post" | "put" | "delete",
    path: route.path,
    operationId: name,
    summary,
    description: description + signed,
    security: securityOf[needed],
    request: {
      ...(route.query ? { query: route.query } : {}),
      ...(parameters.length === 0
        ? {}
        : { params: z.object(Object.fromEntries(parameters.map((part) => [part, z.string()]))) }),
      ...(keyed.has(name) ? { headers: idempotencyKey } : {}),
      ...(route.request
        ? { body: { required: true, content: { "application/json": { schema: route.request } } } }
        : {}),
    },
    responses: {
      200: { description: "Done, or done before.", content: answered },
      default: {
        description: "Refused: the last part of `type` is the kind.",
        content: { "application/problem+json": { schema: problem } },
      },
    },
  }));
}

/** The document, as served and as kept in the repository. */
export function documentOf(app: OpenAPIHono<Variables>): Record<string, unknown> {
  app.openAPIRegistry.registerComponent("securitySchemes", "signature", {
    type: "apiKey",
    in: "header",
    name: "Signature",
    description:
      "RFC 9421, Ed25519, over @method, @authority, @path, @query, content-digest (with " +
      "a body) and idempotency-key (when given), with created, nonce and keyid.",
  });
  app.openAPIRegistry.registerComponent("securitySchemes", "administrator", {
    type: "http",
    scheme: "bearer",
  });
  const kinds = Object.entries(problems)
    .map(([kind, [status, title]]) => `- \`${kind}\` (${status}): ${title}`);
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Saunter issuer",
      version: "1",
      description:
        "What gateways and phones say to the issuer. Answers are signed (RFC 9421, keyid " +
        "`issuer`) and bound to their request. Problems are RFC 9457, of type " +
        "`https://saunter.invalid/problems/KIND`:\n\n" + kinds.join("\n"),
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
  }) as unknown as Record<string, unknown>;
}
