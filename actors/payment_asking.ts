/**
 * The situations of a payment in which whoever stands there is asked for something: a turn of the
 * head that no film makes, or an answer that only one of several knows.
 */
import { because, cancels, givesUp, givesUpIf } from "./payment_endings.ts";
import { paymentSetup } from "./payment_setup.ts";

/** Before anything else: whoever stands there must show that they are no film. */
export const turns = {
  guard: "posesTurn" as const,
  target: "awaiting_turn",
  actions: ["updateCandidates" as const, "countTurn" as const, "poseTurn" as const],
};

/** Somebody was recognised who may be a film: the lane asks for turns of the head, and only what
 * the camera then says of that face goes on. */
export const awaiting_turn = paymentSetup.createStateConfig({
  on: {
    "lane.candidates_changed": [
      {
        guard: "takesSole",
        target: "awaiting_reservation",
        actions: ["updateCandidates", "chooseSole", "askReservation"],
      },
      { guard: "isTurning", actions: "updateCandidates" },
      { guard: "posesChallenge", target: "awaiting_answer", actions: "updateCandidates" },
      { guard: "offersChoice", target: "awaiting_selection", actions: "updateCandidates" },
      { target: "awaiting_candidates", actions: "updateCandidates" },
    ],
    "turn.judged": [
      // The camera says so of the face itself, and by that the sale goes on.
      { guard: "isTurnMet", actions: "agree" },
      ...givesUpIf("isTurnFailedTooOften", "noteTurnFailed", because("turn_failed")),
      {
        guard: "isTurnFailed",
        target: "turning_again",
        actions: "noteTurnFailed",
      },
    ],
    ...cancels,
  },
  after: {
    turnTimeout: [
      ...givesUpIf("turnsAreOver", "noteTurnFailed", because("turn_failed")),
      { target: "turning_again", actions: "noteTurnFailed" },
    ],
  },
});

/** A turn failed: the shopper reads that it did, and whoever stands there then is asked anew. */
export const turning_again = paymentSetup.createStateConfig({
  on: {
    "lane.candidates_changed": { actions: "updateCandidates" },
    ...cancels,
  },
  after: {
    turnPause: [
      // The camera was sure of the face after all, and says nothing again that is no news.
      {
        guard: "takesSole",
        target: "awaiting_reservation",
        actions: ["chooseSole", "askReservation"],
      },
      { guard: "posesTurn", target: "awaiting_turn", actions: ["countTurn", "poseTurn"] },
      { guard: "posesChallenge", target: "awaiting_answer" },
      { guard: "offersChoice", target: "awaiting_selection" },
      { target: "awaiting_candidates" },
    ],
  },
});

/** Several people could be meant, or the store wants it of everybody: the shopper has yet to say
 * or key something that only the right one knows. */
export const awaiting_answer = paymentSetup.createStateConfig({
  entry: ["countPrompt", "askAloud"],
  exit: "hush",
  on: {
    "lane.candidates_changed": [
      {
        guard: "takesSole",
        target: "awaiting_reservation",
        actions: ["updateCandidates", "chooseSole", "askReservation"],
      },
      turns,
      { guard: "posesChallenge", actions: "updateCandidates" },
      { guard: "offersChoice", target: "awaiting_selection", actions: "updateCandidates" },
      { target: "awaiting_candidates", actions: "updateCandidates" },
    ],
    "shopper.answered": { target: "checking_answer", actions: ["noteAnswer", "checkAnswer"] },
    "voice.heard": [
      {
        guard: "isHeardRight",
        target: "awaiting_reservation",
        actions: ["chooseAnswered", "askReservation"],
      },
      ...givesUpIf("isHeardWrongTooOften", "noteWrong", because("challenge_failed")),
      {
        guard: "isHeardWrong",
        target: "awaiting_answer",
        reenter: true,
        actions: "noteWrong",
      },
      {
        guard: "isHeard",
        target: "awaiting_answer",
        reenter: true,
        actions: ["noteUnheard", because("answer_unheard")],
      },
    ],
    ...cancels,
  },
  after: {
    untilSelectionEnds: givesUp(because("nobody_answered")),
  },
});

/** The answer is held against those who stand there. What was said is kept nowhere. */
export const checking_answer = paymentSetup.createStateConfig({
  on: {
    "challenge.checked": [
      {
        guard: "isRight",
        target: "awaiting_reservation",
        actions: ["chooseAnswered", "askReservation"],
      },
      ...givesUpIf("isWrongTooOften", "noteWrong", because("challenge_failed")),
      { guard: "isWrong", target: "awaiting_answer", actions: "noteWrong" },
      {
        guard: "isChecked",
        target: "awaiting_answer",
        actions: because("answer_unchecked"),
      },
    ],
    "lane.candidates_changed": { actions: "updateCandidates" },
    ...cancels,
  },
  after: {
    checkTimeout: { target: "awaiting_answer", actions: because("answer_unchecked") },
  },
});
