/** Every ceiling of the devices, once, with its reason. */

export const hardwareLimits = {
  /** Bytes of a picture file that are read at all: a large photograph has 10 MB. */
  picture_bytes: 16 * 1024 * 1024,
  /** Pixels of a decoded picture: 24 megapixels make 72 MB of RGB. */
  picture_pixels: 24_000_000,
  /** Memory that decoding one JPEG may take. */
  picture_decoder_mb: 512,
  /** People in one folder of recorded pictures. */
  recorded_people: 10_000,
  /** Pictures of one recorded person. */
  recorded_pictures: 1_000,
  /** Bytes of a sound file that are read at all: a minute of two channels at 48 kHz has 11 MB. */
  sound_bytes: 16 * 1024 * 1024,
  /** Samples a second: of the oldest telephones, and of the best microphones. */
  lowest_rate_hz: 8_000,
  highest_rate_hz: 192_000,
  /** Sounds that wait to be played by a recorded microphone. */
  waiting_sounds: 64,
  /** Polls in a row that a signal may disturb before something else must be wrong. */
  disturbed_polls: 1_000,
  /** Formats, sizes and rates that a device may list: one that never ends its list is broken. */
  listed_by_device: 256,
  /** Buffers that a camera fills unless told otherwise: a third of a second. */
  camera_buffers: 8,
  /** The most that a driver gives (VIDEO_MAX_FRAME). */
  most_camera_buffers: 32,
  /** A camera that streams and sends nothing for so long hangs; a long exposure takes a second. */
  camera_silence_ms: 15_000,
  /** Times in a row that a source may change before a frame comes. */
  source_changes: 20,
  /** How often a beacon looks whether its adapter still sends. */
  beacon_watch_ms: 30_000,
  /** Of the 31 bytes of a scan response: two stand before the name, three are BlueZ's. */
  advertised_name_bytes: 26,
  /** The longest name that a device may have (Bluetooth Core, 3.C.12.1). */
  heard_name_characters: 248,
  /** A store is never so quiet: an adapter that hears nothing for so long hangs. */
  radio_silence_ms: 90_000,
  /** Devices whose names are kept: a shop in a busy street hears hundreds. */
  devices_heard: 1_000,
  /** Sound that is kept for a slow reader, as the port promises. */
  sound_kept_ms: 1_000,
  /** The most that one value of a GATT characteristic holds (Bluetooth Core, 3.F.3.2.9). */
  gatt_value_bytes: 512,
  /** Bytes of a letter that a phone hands over: four tokens and their signed request have 2 500. */
  letter_bytes: 4_096,
  /** Bytes of its answer. */
  letter_answer_bytes: 8_192,
  /** Phones whose letters or answers are kept; an adapter connects about ten at once. */
  letter_phones: 32,
  /** Letters that are attended to at once. */
  letters_at_once: 8,
  /** Letters in a minute, of one phone and of all: a phone that checks in needs three. */
  letters_of_phone: 30,
  letters_of_all: 240,
  /** How long a letter waits for its answer: the issuer's, over a slow line. */
  letter_patience_ms: 15_000,
  /** How long an answer, or half a letter, is kept for a phone that says nothing more. */
  letter_kept_ms: 60_000,
  /** Cards that are asked for, and lines of a GPIO chip: a machine has a few. */
  sound_cards: 32,
  gpio_lines: 1_024,
  /** Bytes of one line of a scale; theirs have about 20. */
  scale_line_bytes: 200,
  /** Bytes of one message from a broker: 500 readings with room to spare. */
  mqtt_message_bytes: 256 * 1024,
  /** Senses from a broker that wait for whoever reads. */
  mqtt_readings: 10_000,
  /** How long a broker keeps the session of a gateway that is away: nobody shops for longer. */
  mqtt_session_s: 6 * 3_600,
  /** A broker that is there answers within this. */
  mqtt_connect_ms: 10_000,
} as const;
