/**
 * The words in which a store says what stands behind a camera, a beacon and its other equipment.
 * Devices are named by paths that stay the same when they are plugged anew.
 */
import { z } from "zod";

const path = z.string().min(1).max(1_024);

/** A node below /dev, by a name that udev keeps. */
export const node = z.string().max(255).regex(
  /^\/dev\/(?!.*\.\.)[A-Za-z0-9_.:+@/-]+$/,
  "name a device below /dev, such as /dev/v4l/by-id/...",
);

const hex = (bytes: number) =>
  z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`), `give ${2 * bytes} hex digits, a to f`);
const power = z.int().min(-100).max(20);

const simulated = z.strictObject({ kind: z.literal("simulated") })
  .describe("Played by the store simulation; needs no equipment.");

const controls = z.strictObject({
  exposure: z.union([
    z.literal("auto"),
    z.strictObject({ ms: z.number().min(0.1).max(1_000) }),
  ]).optional().describe("`auto`, or for how many milliseconds the shutter is open."),
  gain: z.union([z.literal("auto"), z.int().min(0).max(65_535)]).optional()
    .describe("`auto`, or a number of the device's own steps."),
  brightness: z.int().min(-32_768).max(32_767).optional(),
  power_line_hz: z.union([z.literal(0), z.literal(50), z.literal(60)]).optional()
    .describe("Frequency of the lights, so that they do not flicker in the picture; 0 for none."),
}).describe("What is left out stays as the camera has it.");

export const v4l2 = z.strictObject({
  kind: z.literal("v4l2"),
  path: node.describe(
    "The camera's node. /dev/v4l/by-id/... is the same camera wherever it is plugged in, " +
      "/dev/v4l/by-path/... the same socket; /dev/video0 may be another after the next start.",
  ),
  width: z.int().min(16).max(7_680).optional().describe("640 if left out."),
  height: z.int().min(16).max(4_320).optional().describe("480 if left out."),
  frames_per_second: z.number().min(1).max(240).optional()
    .describe("What the camera is set to; perception looks at fewer. 25 if left out."),
  pixel_format: z.enum(["YUYV", "NV12", "NM12", "UYVY", "GREY", "MJPG", "JPEG"]).optional()
    .describe("The best that the camera has, if left out."),
  controls: controls.optional(),
}).describe("A camera on Video for Linux: USB, MIPI, or a grabber.");

export const cameraDevice = z.discriminatedUnion("kind", [
  simulated,
  z.strictObject({
    kind: z.literal("recorded"),
    folder: path.describe(
      "Folder with one folder of pictures (PGM, PNG, JPEG) per person; played as frames.",
    ),
  }).describe("Plays pictures; what it shows is never proven to be alive."),
  v4l2,
]).describe("What stands behind the camera.");

export const microphoneDevice = z.discriminatedUnion("kind", [
  simulated,
  z.strictObject({
    kind: z.literal("alsa"),
    pcm: z.string().min(1).max(120).regex(/^[\x21-\x7e]+$/, "name a device as `arecord -L` does")
      .describe("As `arecord -L` names it, such as plughw:CARD=Webcam."),
    rate_hz: z.int().min(8_000).max(48_000).optional().describe("16000 if left out."),
  }).describe("A microphone on ALSA."),
]).describe("What stands behind the microphone.");

const fixedFrame = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("eddystone_uid"),
    power_dbm: power.describe("Measured beside the beacon."),
    namespace: hex(10),
    instance: hex(6),
  }),
  z.strictObject({
    kind: z.literal("ibeacon"),
    power_dbm: power.describe("Measured at one metre."),
    uuid: hex(16),
    major: z.int().min(0).max(65_535),
    minor: z.int().min(0).max(65_535),
  }),
  z.strictObject({
    kind: z.literal("altbeacon"),
    power_dbm: power.describe("Measured at one metre."),
    company: z.int().min(0).max(65_535).describe("Company identifier of the Bluetooth SIG."),
    id: hex(20),
  }),
]);

const adapter = z.string().regex(
  /^(hci\d{1,2}|([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2})$/,
  "name an adapter such as hci0, or its address such as AA:BB:CC:DD:EE:FF",
);

const bluez = z.strictObject({
  kind: z.literal("bluez"),
  adapter: adapter.describe(
    "Its address stays the same when it is plugged in elsewhere; hci0 may not.",
  ),
  power_dbm: power.optional().describe("Of the code's frame, beside the beacon. -20 if left out."),
  fixed_frames: z.array(fixedFrame).max(4).optional()
    .describe("What apps of other makers look for, beside the code; each takes an instance."),
  telemetry: z.boolean().default(false).describe(
    "Sends an Eddystone-TLM frame now and then, in turn with the fixed frames where no instance " +
      "is free: how long the beacon has been on the air, and how often it has sent.",
  ),
  letterbox: z.boolean().default(true).describe(
    "Phones without a network hand their check-in and tokens over here, for the issuer.",
  ),
  nonce_adapter: adapter.optional().describe(
    "Another adapter of this machine: through it the gateway reads the period's nonce at the " +
      "letterbox, so that it asks for nobody unless it is in range of its beacon.",
  ),
}).describe("A Bluetooth adapter of this machine, through BlueZ.");

const simulatedBeacon = simulated.extend({
  reads_nonce: z.boolean().default(false).describe(
    "Another simulated radio reads the period's nonce at the beacon's letterbox, as " +
      "nonce_adapter does in a store.",
  ),
}).describe("Played by the store simulation; needs no equipment.");

export const beaconDevice = z.discriminatedUnion("kind", [simulatedBeacon, bluez])
  .describe("What stands behind the beacon.");
