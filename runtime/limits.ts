/**
 * Every ceiling of the runtime, once, with its reason. Relations between them are checked by
 * `assertLimits`, which runs at start.
 */
import { invariant } from "./errors.ts";

export const limits = {
  /** Facts waiting for the next tick, per gateway. A busy store makes about 3 a second; this is
   * minutes of it, and bounds memory when the disk is slow. */
  mailbox: 4_096,
  /** Facts waiting for one actor; beyond it those that its kind sheds give way, oldest first, and
   * others are refused. */
  actor_mailbox: 256,
  /** Of one type that is shed, waiting for one actor: the latest says what the others said. */
  shed_backlog: 8,
  /** Actors that stay in memory however quiet they are: a full store has some hundreds. */
  awake_actors: 4_096,
  /** Actors that are looked at after each commit for whether they are quiet. */
  drowsy_looks: 256,
  /** So long without an event, and none due, and an actor is left to the disk. */
  quiet_ms: 60_000,
  /** Longest that history may be kept: disputes and audits look back some years. */
  history_days: 3_650,
  /** Rows of history forgotten at once: a few milliseconds. */
  forget_rows: 2_000,
  /** Between looks for history that may be forgotten. */
  forget_every_ms: 60_000,
  /** Facts committed together: bounds the time callers wait for one commit, which is some twenty
   * milliseconds for so many. */
  turns_per_commit: 1_024,
  /** Steps that may follow from one fact; more is a loop between machines. */
  steps_per_turn: 64,
  /** Unsettled commands to the issuer. One payment makes three at most. */
  outbox: 4_096,
  /** Wrong PINs of an operator, then nobody signs in under that name for a while. */
  operator_tries: 5,
  operator_lock_ms: 15 * 60_000,
  /** A session without a decision, and the longest one: a shift. */
  operator_idle_ms: 15 * 60_000,
  operator_session_ms: 8 * 3_600_000,
  /** Sessions at once; more than this and the oldest ends. */
  operator_sessions: 256,
  /** Rotations of templates in use at one camera: those of two days, and of a store that asks with
   * clocks that are wrong. */
  rotations: 4,
  /** How far a question for a beacon's nonce may be from now: clocks of one gateway differ little,
   * and a connection takes seconds. */
  nonce_question_ms: 60_000,
  /** Nonces that are told in a minute: one is enough for a period, and tries fail. */
  nonces_a_minute: 12,
  /** Sides that one try asks for: more wears shoppers out, and so many are hardly guessed. */
  turns_asked: 8,
  /** How long a lane asks whoever is to prove a change to turn the head, all tries together. */
  change_turns_ms: 50_000,
  /** How long a camera looks for the face that is to prove a change of account data. */
  probe_ms: 20_000,
  /** A disk that was written to so shortly before a start is the one that was in use. */
  fresh_disk_ms: 10_000,
  /** A gateway whose keys are so young has sold nothing yet of which its disk does not know. */
  new_gateway_ms: 30 * 60_000,
  /** Commands to the issuer under way at once. */
  outbox_in_flight: 16,
  /** Unsettled commands looked at for the next one to send: far more than are in flight, since one
   * payment's commands wait for each other, and what was accepted while the issuer was away goes
   * one by one. */
  outbox_look_ahead: 4_096,
  /** The same while those that had no answer pause: where more stand there the issuer is away, and
   * looking through them at every sale would be in vain. */
  outbox_paused_look: 64,
  /** Payments, the latest first, that are looked through at a start for those without an end: more
   * than all lanes begin while one of them searches for a payer. */
  resumed_sales: 1_024,
  /** Rows of history that one request may ask for. */
  history_page: 200,
  /** Steps remembered in memory of an actor that is not durable. */
  volatile_history: 64,
  /** Senders whose last message an actor remembers before it forgets those that will not write
   * again. A lane hears from one payment after the other for ever. */
  senders: 16,
  /** Cancelled timers that may stand among the deadlines, beside half as many as run. */
  stale_deadlines: 64,
  /** Types of event whose transitions are kept looked up, for each state of a kind: far above what
   * a machine names, and a bound on types that are made up outside. */
  remembered_events: 256,
  /** Combinations of active and remembered states that are kept resolved, for each kind. */
  remembered_states: 1_024,
  /** Commits whose changes wait for the tables, and their characters: an actor that changes in
   * several of them is written once. A start reads so much, in some tenths of a second. */
  recent_commits: 64,
  recent_characters: 8 * 1024 * 1024,
  /** Characters of changes to an actor, or four times the actor if that is more, after which it is
   * written out whole: one that changes in every few commits is never out of `recent`. */
  changes_characters: 16 * 1024,
  /** Steps of history in one row: what has to be read for one of them. */
  steps_per_row: 128,
  /** Characters from which a text of the journal is packed: half a page. */
  packed_characters: 4_096,
  /** Actors whose place in the journal's file is remembered. */
  places: 65_536,
  /** Gates, shelves and products of a walk-out aisle: each gate and shelf is an actor that is told
   * at every start. */
  gates: 64,
  shelves: 512,
  aisle_products: 20_000,
  /** Between two looks at whether a cart is thought to hold something else by now. */
  cart_look_ms: 1_000,
  /** A plate whose scale says nothing for so long is not heard. */
  plate_silent_ms: 60_000,
  /** After a restart a cart goes on with what it held if that was so certain. */
  resume_confidence: 0.95,
  /** A plate's level is written down anew when it has moved by so much: below what a tracker takes
   * for movement, so that drift is followed. */
  level_step_g: 1.5,
  /** A device of an aisle that was lost is opened again after so long, doubling up to the last. */
  device_pause_ms: 500,
  device_pause_most_ms: 30_000,
  /** A code that a gate has read is not asked about again for so long: it stays in view. */
  code_again_ms: 60_000,
  /** Frames of a gate's camera in which a code is looked for, in a second. */
  codes_per_second: 4,
  /** Pixels of a frame in which a code is looked for: some ten milliseconds of work. */
  code_pixels: 640 * 480,
  /** Codes remembered, of one gate. */
  codes_remembered: 64,
  /** A retailer that is there answers within this. */
  retailer_answer_ms: 10_000,
  /** Bytes of a retailer's answer that are read. */
  retailer_bytes: 64 * 1024,
  /** How far what is seen in an aisle may be ahead of the gateway's own clock. */
  reading_ahead_ms: 5_000,
  /** Tracks followed at once: everybody in a full store, and what a tracker loses in 45 s. */
  tracks: 16_384,
  /** Carts open at once in a walk-out store: its shoppers and those whose carts wait to close. */
  open_carts: 2_048,
  /** Changes, counts and bags that wait for hindsight: hundreds a second for its ten seconds. */
  waiting_changes: 16_384,
  /** People who are thought of for one change of a shelf: more cannot stand there. */
  actors_of_change: 6,
  /** Bytes of a page of the journal. */
  page_bytes: 8_192,
  /** Pages that the opening of a journal reads, 128 MB in a few tenths of a second. Of a larger
   * file it reads what the gateway goes on from, and the rest is read by and by. */
  checked_pages: 16_384,
  /** Rows of history, and of actors that ended, that are read again at once to see that they are as
   * they were written: about two milliseconds. */
  check_rows: 64,
  /** Between looks: a year of a busy store, some 30 GB, takes a day. */
  check_every_ms: 1_000,
  /** Pages that the write-ahead log takes before they go to the database, 16 MB: each such move
   * costs syncs and some ten milliseconds, and a start reads at most this much of it. */
  wal_pages: 2_048,
  /** Memory for pages of the database. */
  cache_kilobytes: 32_768,
  /** Bytes of a request body that the gateway reads. */
  request_bytes: 256 * 1024,
  /** Ended payments that the list of actors shows beside those under way. */
  listed_ended: 20,
  /** Debug pages open at once. */
  debug_streams: 16,
  /** Operators' pages open at once: two for each lane. */
  lane_streams: 128,
  /** Pages of displays open at once: each display, and somebody who looks how it does. */
  display_streams: 128,
  /** Events that wait for a page that looks on; a page this far behind is let go. */
  stream_queue: 256,
  /** A sign of life on every stream, well within the idle times of proxies and browsers. */
  stream_beat_ms: 15_000,
  /** Actors that one answer lists: far above a full store, and still a few megabytes. */
  listed_actors: 5_000,
  /** POS callers waiting at once for an outcome. */
  waiting_callers: 256,
  /** Longest that a POS request is held open before it is answered with `in progress`. */
  waiting_ms: 60_000,
  /** Places and equipment of one store: each lane and camera is a Worker or an actor that is told
   * at every start, and a page must still show them all. */
  zones: 64,
  lanes: 64,
  cameras: 64,
  /** What one registration at the issuer takes. */
  beacons: 64,
  /** Pixels of one camera frame: 4K. */
  frame_pixels: 4_096 * 2_160,
  /** Bytes of one model's file: the largest face embedders in use have 250 MB. */
  model_bytes: 300 * 1024 * 1024,
  /** Bytes of a model's sidecar. */
  sidecar_bytes: 64 * 1024,
  /** Side of a detector's canvas, in pixels: the work grows with its square. */
  detector_side: 640,
  /** Side of the canvas of a detector that takes any: enough for faces across a counter. */
  detector_side_free: 320,
  /** Faces of one frame that are looked at, strongest first. */
  faces: 16,
  /** Templates on one camera: those in range of a zone. */
  gallery: 1_024,
  /** Pictures that one enrolment takes. */
  enrolment_pictures: 16,
  /** Requests that wait for one recogniser: every visit of a zone may be admitted at once. */
  recogniser_requests: 2_048,
  /** Seconds of one sound in which words are looked for: ten digits with pauses, said slowly. */
  voice_sound_s: 20,
  /** Recordings of one enrolment: all digits and the phrase, eight times each. */
  voice_recordings: 16,
  /** Words of one enrolled voice: eight takes of ten digits and of a phrase. */
  voice_takes: 88,
  /** Frames, 10 ms each, of one spoken digit and of one phrase: the work grows with the square. */
  voice_word_frames: 150,
  voice_phrase_frames: 500,
  /** Things, brands and products of a catalogue: a large store sells some 50 000 products. */
  concepts: 10_000,
  brands: 10_000,
  products: 100_000,
  /** Bytes of a catalogue's file: 100 000 products with their names. */
  catalogue_bytes: 64 * 1024 * 1024,
  /** Content items of one gateway: each is compared with what is looked at, in microseconds. */
  content_items: 2_000,
  /** Files of content that a configuration names, and bytes of each: 2 000 items of 2 KB. */
  content_files: 64,
  content_file_bytes: 8 * 1024 * 1024,
  /** Text of one item: a long recipe has 3 000 characters. */
  content_characters: 8_000,
  /** Levels and lists of a JSON-LD document: a recipe's steps are the deepest and longest. */
  content_depth: 12,
  content_list: 2_048,
  /** Lines of a refused configuration that are shown. */
  config_problems: 20,
} as const;

/** Throws `InvariantError` when two ceilings contradict each other. */
export function assertLimits(): void {
  invariant(
    limits.turns_per_commit <= limits.mailbox,
    "a commit cannot hold more than the mailbox",
  );
  invariant(limits.actor_mailbox <= limits.mailbox, "an actor's mailbox within the gateway's");
  invariant(limits.shed_backlog <= limits.actor_mailbox, "a backlog within the mailbox");
  invariant(limits.lanes <= limits.lane_streams, "every lane has an operator's page");
  invariant(limits.detector_side_free <= limits.detector_side, "a free canvas above the ceiling");
  invariant(limits.gallery <= limits.recogniser_requests, "a full gallery can be admitted at once");
  invariant(limits.outbox_in_flight <= limits.outbox, "more in flight than the outbox may hold");
}
