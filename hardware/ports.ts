/**
 * The ports through which the gateway meets the world: what a camera and a beacon promise,
 * whoever stands behind them (a driver, a simulation, a folder of pictures).
 */

/** One picture as a camera delivers it. The receiver owns `data` and may transfer it. */
export interface Frame {
  /** `YUYV`: 4:2:2 packed, `NV12`: 4:2:0, a plane of luma and one of chroma below it with the same
   * stride, both BT.601 limited range. `GREY`: 8-bit luma. `RGB24`: packed R, G, B. */
  readonly format: "YUYV" | "NV12" | "GREY" | "RGB24";
  readonly width: number;
  readonly height: number;
  /** Bytes from one row to the next. */
  readonly stride: number;
  /** Counts up by one a frame; a gap is a dropped frame. */
  readonly sequence: number;
  /** Whole milliseconds since the epoch on the gateway's clock. */
  readonly captured_at_ms: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** Where a camera's pictures come from: decides what may be claimed of them. */
export type CameraOrigin = "real" | "simulated" | "recorded";

/**
 * A camera. `frames` starts the stream and ends it with the signal; it yields frames in order and
 * never queues more than one: a slow reader gets the latest. It throws `HardwareError` of kind
 * `device_lost`, `device_missing`, `device_busy`, `device_forbidden` or `format_unsupported`; after
 * that it may be called again, and streams if the trouble is over.
 */
export interface CameraPort {
  readonly id: string;
  readonly origin: CameraOrigin;
  frames(signal: AbortSignal): AsyncIterable<Frame>;
}

/** A stretch of sound as a microphone delivers it. The receiver owns `samples`. */
export interface SoundFrame {
  /** Samples a second; the same in all frames of one stream. */
  readonly rate_hz: number;
  /** Counts up by one a frame; a gap is lost sound. */
  readonly sequence: number;
  /** When the first sample was taken, in whole milliseconds since the epoch on the gateway's
   * clock. */
  readonly captured_at_ms: number;
  /** One channel of signed 16-bit samples. */
  readonly samples: Int16Array<ArrayBuffer>;
}

/**
 * A microphone. `frames` starts the stream and ends it with the signal; frames of 10 to 100 ms
 * follow each other without a gap. For a slow reader up to a second of sound is kept, then the
 * oldest is lost. It throws `HardwareError` as a camera does, `sound_unreadable` besides where it
 * plays files; after that it may be called again.
 */
export interface MicrophonePort {
  readonly id: string;
  readonly origin: CameraOrigin;
  frames(signal: AbortSignal): AsyncIterable<SoundFrame>;
}

/** What a beacon puts on the air, and keeps for who stands beside it. */
export interface Advertisement {
  /** Eddystone-EID ephemeral identifier, 16 hex digits. On the air. */
  readonly code: string;
  /** Base64url. Never on the air: only `readNonce`, at the beacon, gives it. Secret. */
  readonly nonce: string;
  /** After this the beacon falls silent by itself. */
  readonly until_ms: number;
}

/**
 * A beacon's radio. `advertise` resolves when the code is on the air in place of the one before
 * (no gap in which both or none are heard for longer than one interval); it rejects with
 * `HardwareError` of kind `device_lost`, `device_missing`, `device_busy` or `device_forbidden`.
 */
export interface BeaconPort {
  readonly hardware_id: string;
  advertise(advertisement: Advertisement): Promise<void>;
  /** The nonce of what is on the air; undefined while silent. Short range, not for phones. */
  readNonce(): Promise<string | undefined>;
  silence(): Promise<void>;
}

/** One advertisement heard by a phone. */
export interface Sighting {
  readonly hardware_id: string;
  readonly code: string;
  readonly rssi_dbm: number;
  readonly heard_at_ms: number;
}

/** The radio of a phone, awake in a pocket: a listener gets each sighting; the result stops it. */
export interface PhoneRadioPort {
  listen(listener: (sighting: Sighting) => void): () => void;
}

/** What a phone handed over at a letterbox. */
export interface Letter {
  /** The radio's name for the phone. It may be another the next time, and proves nothing. */
  readonly from: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Answers letters. What it throws is told to the phone as no more than a failure. */
export type Clerk = (letter: Letter) => Promise<Uint8Array>;

/**
 * A letterbox beside a beacon, for phones without a network of their own: each letter, of bounded
 * size and number, gets one answer, which its own phone alone can read. `open` resolves when phones
 * can reach it; it rejects with `HardwareError`, and is tried again by itself until `close`.
 * Anybody in range may write: a letter proves what it carries.
 */
export interface LetterboxPort {
  readonly hardware_id: string;
  open(clerk: Clerk): Promise<void>;
  close(): Promise<void>;
}

/**
 * A phone's way to the letterboxes in range. `hand` resolves to the answer. It rejects with
 * `HardwareError`: `device_missing` while no such beacon is near, `device_busy` when it takes no
 * more letters now, `device_lost` when the connection broke: then it may have been delivered.
 */
export interface PhoneLettersPort {
  hand(
    hardware_id: string,
    letter: Uint8Array,
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>>;
}

/** What a scale says of what lies on it. */
export interface Weight {
  readonly grams: number;
  /** The scale itself says that it has come to rest. */
  readonly at_rest: boolean;
  readonly at_ms: number;
}

/**
 * A scale. `weights` starts it and ends with the signal; a slow reader gets the latest. It throws
 * `HardwareError` as a camera does, and may be called again.
 */
export interface ScalePort {
  readonly id: string;
  weights(signal: AbortSignal): AsyncIterable<Weight>;
}

/** A relay that lets people through. `open` resolves when it has closed again; asked anew in
 * between, it stays open for longer. It rejects with `HardwareError`. */
export interface GatePort {
  readonly id: string;
  open(): Promise<void>;
}

/** A signal lamp with named lights. It rejects with `HardwareError`. */
export interface LampPort {
  readonly id: string;
  /** The names of its lights. */
  readonly lights: readonly string[];
  /** These are lit, all others are dark. */
  show(lights: readonly string[]): Promise<void>;
}

/** What a tracker of people tells: readings as they are described in `docs/walk-out.md`, unread,
 * and a `HardwareError` `message_unreadable` in place of what holds none. It ends with the signal;
 * it throws `HardwareError` as a camera does, and may be called again. */
export interface ReadingsPort {
  readonly id: string;
  readings(signal: AbortSignal): AsyncIterable<unknown>;
}

/** Everything a gateway is wired to, by the ids of its configuration. */
export interface Devices {
  readonly cameras: ReadonlyMap<string, CameraPort>;
  readonly beacons: ReadonlyMap<string, BeaconPort>;
  /** Absent where a store listens to nobody. */
  readonly microphones?: ReadonlyMap<string, MicrophonePort>;
  /** By the beacon's hardware identifier, for beacons that have one. */
  readonly letterboxes?: ReadonlyMap<string, LetterboxPort>;
  /** How the gateway's other radio reaches the letterboxes of beacons whose nonce it reads there,
   * by their hardware identifiers. */
  readonly nonce_ways?: ReadonlyMap<string, PhoneLettersPort>;
  /** Relays of gates. */
  readonly gates?: ReadonlyMap<string, GatePort>;
  /** Lamps, by the gate at which they hang; their lights are `closed`, `asking` and `open`, those
   * that they have. */
  readonly lamps?: ReadonlyMap<string, LampPort>;
  /** Cameras to which codes are shown, by the gate at which they hang. */
  readonly gate_cameras?: ReadonlyMap<string, CameraPort>;
  /** Scales below the plates of shelves. */
  readonly scales?: ReadonlyMap<string, ScalePort>;
  /** Where readings of a walk-out aisle come from besides. */
  readonly readings?: readonly ReadingsPort[];
  close(): Promise<void>;
}
