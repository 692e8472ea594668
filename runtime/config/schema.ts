/**
 * The words of a store's configuration file: every key with its meaning, its bounds and its
 * default. Editors read the same through `deploy/store.schema.json`, which is made from here.
 */
import { z } from "zod";
import { limits } from "../limits.ts";
import { aisle } from "./aisle.ts";
import { beaconDevice, cameraDevice, microphoneDevice } from "./devices.ts";

const id = z.string().min(1).max(40).regex(
  /^[A-Za-z0-9_-]+$/,
  "use letters, digits, _ and - only",
);
const hardwareId = z.string().min(1).max(80).regex(
  /^[A-Za-z0-9._:-]+$/,
  "use letters, digits and . _ : - only",
);
const name = z.string().min(1).max(60);
const path = z.string().min(1).max(1_024);
/** A POS key is typed into other machines, so printable, and long enough not to be guessed. */
const key = z.string().min(20).max(200).regex(/^[\x21-\x7e]+$/, "use printable ASCII, no spaces");

const selection = z.enum(["operator", "automatic"]).describe(
  "Who chooses the shopper to charge: a person taps one, or a single recognised one is taken.",
);

const challenge = z.enum(["never", "ambiguous", "always"]).describe(
  "When a shopper must key initials or a phrase before being charged: never, when the camera " +
    "cannot tell several apart, or always.",
);

const store = z.strictObject({
  id: id.describe("The store's identifier at the issuer."),
  name: name.describe("As shoppers read it on receipts."),
  merchant: id.describe("The merchant's identifier at the issuer."),
  currency: z.string().regex(/^[A-Z]{3}$/, "give an ISO 4217 code such as EUR")
    .describe("ISO 4217 code; every sale of the store is in it."),
  jurisdiction: z.string().regex(
    /^[A-Z]{2}(-[A-Z0-9]{1,3})?$/,
    "give an ISO 3166 code such as DE or US-IL",
  ).describe("ISO 3166 code of the country or state whose law applies to face templates."),
  timezone: z.string().min(1).max(60).describe("IANA name; decides which day a sale belongs to."),
});

const http = z.strictObject({
  host: z.string().min(1).max(255).default("127.0.0.1")
    .describe("Address to listen on. Anything but this machine itself needs a POS key."),
  port: z.int().min(0).max(65_535).default(8480).describe("0 takes any free port."),
  names: z.array(z.string().min(1).max(255).regex(/^[A-Za-z0-9.-]+$/, "give bare host names"))
    .max(16).default([])
    .describe("Host names by which browsers and tills reach the gateway, besides its address."),
  pos_key: key.optional()
    .describe("Key that tills and operators present. Prefer pos_key_file."),
  pos_key_file: path.optional().describe("File whose first line is the POS key."),
});

const zone = z.strictObject({ id, name: name.describe("As the store's people call it.") });

const share = (least: number) => z.number().min(least).max(1);

const payPosition = z.strictObject({
  x: share(0).describe("Middle of the payer's face, as a share of the picture's width."),
  y: share(0).describe("The same downwards, as a share of the picture's height."),
  reach: share(0.02).describe("How far from there it may be, as a share of the picture's width."),
  least_face: share(0.02).describe(
    "Least width of a face that stands there, as a share of the picture's width: it tells the " +
      "distance.",
  ),
  beside: share(0.5).default(0.85).describe(
    "Somebody this much as large as the largest face there stands beside, not behind.",
  ),
}).describe(
  "Where the lane's customer stands in the camera's picture; measure it with " +
    "`deno task calibrate --pay-position`.",
);

const lane = z.strictObject({
  id,
  name,
  zone: id.describe("Zone the lane stands in."),
  camera: id.describe("Camera that looks at the lane's pay position."),
  microphone: id.optional().describe(
    "Microphone at the pay position: where several could be meant, digits may be said aloud.",
  ),
  pay_position: payPosition.optional().describe(
    "In place of the usual one: a camera above the till, 0.9 m from the customer.",
  ),
  selection: selection.optional().describe("In place of policies.selection, for this lane."),
  challenge: challenge.optional().describe("In place of policies.challenge, for this lane."),
});

const beacon = z.strictObject({
  hardware_id: hardwareId.describe("Identifier of the beacon's hardware, unique at the issuer."),
  zone: id,
  device: beaconDevice,
});

const camera = z.strictObject({ id, zone: id, device: cameraDevice });

const microphone = z.strictObject({ id, device: microphoneDevice });

/** One of two places in which the same must be said; the other is among the policies. */
const allowDrawnModels = z.boolean().default(false).describe(
  "Let models that know drawn faces only look at cameras that are not simulated. They confuse " +
    "real people, so it must be said twice: here, and in policies.allow_drawn_models.",
);

const perception = z.strictObject({
  detector: path.default("drawn").describe(
    "Face detector: a sidecar file, PRESET:FILE.onnx, or `drawn` for the small models that come " +
      "with the software and know drawn faces only.",
  ),
  embedder: path.default("drawn").describe("Face embedder, given in the same ways."),
  backend: z.enum(["web", "node"]).default("web").describe(
    "What runs the networks: `web` is WebAssembly without any permission; `node` is " +
      "onnxruntime-node, native code, several times as fast.",
  ),
  frames_per_second: z.number().min(0.2).max(60).default(5)
    .describe("How many frames of each camera are looked at in a second."),
  threshold: z.number().min(-1).max(1).optional().describe(
    "Smallest similarity (cosine) that counts as the same person; the embedder's own if left out.",
  ),
  liveness: z.enum(["motion", "depth", "graded"]).default("graded").describe(
    "What a face must show before it is taken for alive: `motion` that no still picture has, the " +
      "`depth` of a head that turns, which takes longer and stops pictures held in hands, or " +
      "`graded`: depth as well, and whoever does not show it in a few seconds is asked to turn " +
      "the head, see policies.turns.",
  ),
  allow_drawn_models: allowDrawnModels,
});

const storeLimits = z.strictObject({
  per_payment_minor: z.int().min(1).max(100_000_000).default(50_000)
    .describe("Largest single sale in minor units of the store's currency."),
  // A till asks for a sale by its name for 48 hours: one that was forgotten would be sold again.
  history_days: z.int().min(2).max(limits.history_days).default(800)
    .describe("How long the gateway keeps what happened to its actors, and those that ended."),
});

const offline = z.strictObject({
  per_payment_minor: z.int().min(0).max(100_000_000).default(7_500)
    .describe("Largest single sale that is accepted while the issuer is away; 0 for none."),
  per_account_minor: z.int().min(0).max(100_000_000).default(15_000)
    .describe("Most that is accepted of one account and not settled with the issuer yet."),
  total_minor: z.int().min(0).max(1_000_000_000).default(500_000)
    .describe("The same of all accounts together."),
  minutes: z.int().min(0).max(1_440).default(240)
    .describe("How long after the issuer was lost sales are still accepted."),
}).describe(
  "How far the store goes while the issuer is away. Nothing is accepted beyond what the issuer " +
    "has reserved for a shopper beforehand.",
);

const policies = z.strictObject({
  selection: selection.default("operator"),
  challenge: challenge.default("never"),
  turns: z.enum(["never", "when_unsure", "always"]).default("when_unsure").describe(
    "When a lane asks whoever stands there to turn the head to sides drawn by chance before " +
      "anybody is charged: never, where it is unsure that a face is alive, or always.",
  ),
  turns_above_minor: z.int().min(0).max(100_000_000).optional()
    .describe("Above this amount the lane asks for it whatever `turns` says."),
  turns_asked: z.int().min(1).max(limits.turns_asked).default(3)
    .describe(
      "To how many sides. A film guesses one try right once in 2 to the power of them; a sale " +
        "has three tries.",
    ),
  restrictions: z.record(
    z.string().regex(/^[a-z][a-z0-9_]{1,39}$/, "name a category such as spirits"),
    z.string().regex(/^[a-z][a-z0-9_]{1,39}$/, "name what one must be, such as age_over_18"),
  ).default({}).describe(
    "What one must be to have items of a category, besides what is usual in the store's country.",
  ),
  shadow: z.boolean().default(false).describe(
    "Find out who stands at each lane and charge nobody: every sale ends as cancelled, with the " +
      "reason `shadow` and whom it would have charged in its history.",
  ),
  accept_liveness: z.array(z.enum(["passed", "not_assessed"])).min(1).max(2).default(["passed"])
    .describe("Outcomes of the liveness check with which a face may be charged."),
  selection_timeout_ms: z.int().min(1_000).max(600_000).default(60_000)
    .describe("How long a payment waits for somebody to be recognised, and for a tap."),
  authorisation_timeout_ms: z.int().min(1_000).max(120_000).default(15_000)
    .describe("How long a payment waits for the issuer before it gives up and reverses."),
  allow_drawn_models: z.boolean().default(false)
    .describe("The same as perception.allow_drawn_models: both must be true."),
});

const count = (most: number) => z.int().min(1).max(most);

const content = z.strictObject({
  catalogue: path.optional().describe(
    "File with the things, brands and products that content is about; displays need it.",
  ),
  files: z.array(path).max(limits.content_files).default([])
    .describe("Files of JSON-LD: product pages, offers, recipes and notices."),
  show_ms: z.int().min(1_000).max(600_000).default(30_000)
    .describe("How long content stands on a display after somebody looked at a product."),
  per_shopper: count(100).default(2)
    .describe("How often one shopper is shown the same within the time below."),
  per_display: count(100).default(12)
    .describe("How often a display shows the same within that time, to whomever."),
  within_ms: z.int().min(1_000).max(86_400_000).default(600_000),
});

const display = z.strictObject({
  zone: id.describe("Zone that the display stands in; /display/ZONE is its page."),
  languages: z.array(z.enum(["en", "de", "fr", "es"])).min(1).max(4).default(["en"])
    .describe("Languages of what it shows: those after the first where that has nothing."),
});

/** A store's configuration as it is written. */
export const configSchema = z.strictObject({
  $schema: z.string().max(1_024).optional().describe("For editors; not used."),
  store,
  gateway: z.strictObject({
    id: id.describe("The gateway's identifier at the issuer."),
    keys_days: z.int().min(1).max(3_650).default(90)
      .describe("Keys older than this are turned at the next start."),
  }),
  http: http.prefault({}).describe("Where tills, operators and engineers reach the gateway."),
  issuer: z.strictObject({
    url: z.string().max(1_024).describe(
      "Origin of the issuer, such as https://issuer.example. Plain http only on this machine.",
    ),
  }),
  data: path.default("data").describe("Folder for the journal and the gateway's keys."),
  zones: z.array(zone).min(1).max(limits.zones),
  lanes: z.array(lane).min(1).max(limits.lanes),
  beacons: z.array(beacon).min(1).max(limits.beacons),
  cameras: z.array(camera).min(1).max(limits.cameras),
  microphones: z.array(microphone).max(limits.cameras).default([]),
  aisle: aisle.optional(),
  displays: z.array(display).max(limits.zones).default([]),
  content: content.prefault({}),
  perception: perception.prefault({}),
  limits: storeLimits.prefault({}),
  offline: offline.prefault({}),
  policies: policies.prefault({}),
}).describe("A store: its places, its equipment and its rules. Paths are relative to this file.");

/** A store's configuration with every default filled in. */
export type Config = Readonly<Omit<z.output<typeof configSchema>, "$schema">>;
export type LaneConfig = Config["lanes"][number];
export type CameraConfig = Config["cameras"][number];
export type MicrophoneConfig = Config["microphones"][number];
export type DisplayConfig = Config["displays"][number];
export type BeaconConfig = Config["beacons"][number];

/** The JSON Schema (2020-12) of the file, for editors. */
export function configJsonSchema(): unknown {
  return {
    $id: "https://saunter.invalid/store.schema.json",
    title: "Saunter store",
    ...z.toJSONSchema(configSchema, { io: "input" }),
  };
}
