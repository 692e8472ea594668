/**
 * What a shape alone cannot say of a store's configuration: that names refer to things that
 * exist, that equipment fits together and that nothing is open to the network without a key.
 */
import { aisle } from "./aisle_checks.ts";
import { duplicates, isLoopback, origin, type Problem, unknown } from "./problems.ts";
import type { Config } from "./schema.ts";

export { isLoopback, type Problem } from "./problems.ts";

function* places(config: Config): Generator<Problem> {
  const zones = config.zones.map((zone) => zone.id);
  const cameras = config.cameras.map((camera) => camera.id);
  yield* duplicates("zones", "id", zones);
  yield* duplicates("lanes", "id", config.lanes.map((lane) => lane.id));
  yield* duplicates("lanes", "camera", config.lanes.map((lane) => lane.camera));
  yield* duplicates("cameras", "id", cameras);
  yield* duplicates("beacons", "hardware_id", config.beacons.map((beacon) => beacon.hardware_id));
  for (const [index, beacon] of config.beacons.entries()) {
    yield* unknown(["beacons", index, "zone"], "zone", beacon.zone, zones);
  }
  for (const [index, camera] of config.cameras.entries()) {
    yield* unknown(["cameras", index, "zone"], "zone", camera.zone, zones);
    const gates = config.aisle?.gates ?? [];
    const used = config.lanes.some((lane) => lane.camera === camera.id) ||
      gates.some(({ face_camera }) => face_camera === camera.id);
    if (!used) {
      yield {
        path: ["cameras", index, "id"],
        message: `no lane or gate uses camera "${camera.id}"; name it in one or take it out`,
      };
    }
  }
  for (const [index, lane] of config.lanes.entries()) {
    yield* unknown(["lanes", index, "zone"], "zone", lane.zone, zones);
    yield* unknown(["lanes", index, "camera"], "camera", lane.camera, cameras);
    const camera = config.cameras.find((each) => each.id === lane.camera);
    if (camera !== undefined && camera.zone !== lane.zone) {
      yield {
        path: ["lanes", index, "camera"],
        message: `camera "${camera.id}" is in zone "${camera.zone}" but the lane is in ` +
          `"${lane.zone}"; put both in one zone`,
      };
    }
    if (!config.beacons.some((beacon) => beacon.zone === lane.zone)) {
      yield {
        path: ["lanes", index, "zone"],
        message: `zone "${lane.zone}" has no beacon, so nobody can check in there; add one to ` +
          `beacons`,
      };
    }
  }
}

function* hearing({ lanes, microphones }: Config): Generator<Problem> {
  const known = microphones.map(({ id }) => id);
  const used = lanes.map(({ microphone }) => microphone);
  yield* duplicates("microphones", "id", known);
  for (const [index, microphone] of used.entries()) {
    if (microphone === undefined) continue;
    const path = ["lanes", index, "microphone"];
    const earlier = used.indexOf(microphone);
    if (!known.includes(microphone)) {
      yield { path, message: `there is no microphone "${microphone}"; add it to microphones` };
    } else if (earlier < index) {
      const message = `"${microphone}" is also lanes[${earlier}]'s; give each its own`;
      yield { path, message };
    }
  }
  for (const [index, { id }] of microphones.entries()) {
    if (used.includes(id)) continue;
    yield {
      path: ["microphones", index, "id"],
      message: `no lane uses microphone "${id}"; name it in a lane or take it out`,
    };
  }
}

function* displays({ zones, displays, content }: Config): Generator<Problem> {
  yield* duplicates("displays", "zone", displays.map(({ zone }) => zone));
  for (const [index, { zone }] of displays.entries()) {
    yield* unknown(["displays", index, "zone"], "zone", zone, zones.map(({ id }) => id));
  }
  if (content.catalogue !== undefined) return;
  if (displays.length > 0 || content.files.length > 0) {
    yield {
      path: ["content", "catalogue"],
      message: "displays and content need a catalogue; name its file",
    };
  }
}

/** Whether models for drawn faces may look at real people: said in both places, or not said. */
export function allowsDrawnModels(config: Config): boolean {
  return config.perception.allow_drawn_models && config.policies.allow_drawn_models;
}

function* equipment(config: Config): Generator<Problem> {
  const drawn = [config.perception.detector, config.perception.embedder]
    .filter((model) => model === "drawn").length;
  if (drawn === 1) {
    yield {
      path: ["perception"],
      message: "detector and embedder must both be `drawn` or both be models of your own",
    };
  }
  for (const [index, camera] of config.cameras.entries()) {
    if (camera.device.kind === "simulated") continue;
    if (drawn > 0 && !allowsDrawnModels(config)) {
      yield {
        path: ["cameras", index, "device"],
        message: "the `drawn` models know no real faces; set perception.detector and " +
          "perception.embedder, or say twice that drawn ones may look: " +
          "perception.allow_drawn_models and policies.allow_drawn_models",
      };
    }
    if (
      camera.device.kind === "recorded" &&
      !config.policies.accept_liveness.includes("not_assessed")
    ) {
      yield {
        path: ["cameras", index, "device"],
        message: "a recorded face is never proven alive, so nothing could be sold; add " +
          `"not_assessed" to policies.accept_liveness`,
      };
    }
  }
}

/** The name of a beacon that is on the air through BlueZ: what a scan response has room for. */
const name_bytes = 26;

function* radios(config: Config): Generator<Problem> {
  for (const [index, { hardware_id, device }] of config.beacons.entries()) {
    if (device.kind !== "bluez") continue;
    const { adapter, nonce_adapter, letterbox } = device;
    if (nonce_adapter !== undefined && (nonce_adapter === adapter || !letterbox)) {
      yield {
        path: ["beacons", index, "device", "nonce_adapter"],
        message: letterbox
          ? "is the beacon's own, which cannot hear itself; name another, or leave it out"
          : "reads at the letterbox, which is switched off; switch it on, or leave this out",
      };
    }
    if (hardware_id.length > name_bytes) {
      yield {
        path: ["beacons", index, "hardware_id"],
        message: `has ${hardware_id.length} characters and goes on the air as the beacon's name; ` +
          `use at most ${name_bytes}`,
      };
    }
  }
}

function* network(config: Config): Generator<Problem> {
  const { host, pos_key, pos_key_file } = config.http;
  if (pos_key !== undefined && pos_key_file !== undefined) {
    yield {
      path: ["http", "pos_key"],
      message: "given twice; keep pos_key_file and take pos_key out",
    };
  }
  if (!isLoopback(host) && pos_key === undefined && pos_key_file === undefined) {
    yield {
      path: ["http", "host"],
      message: `"${host}" is open to the network; set http.pos_key_file, or listen on 127.0.0.1`,
    };
  }
  yield* origin(["issuer", "url"], config.issuer.url, "https://issuer.example");
}

function* clockAndRules(config: Config): Generator<Problem> {
  try {
    new Intl.DateTimeFormat("en", { timeZone: config.store.timezone });
  } catch {
    yield {
      path: ["store", "timezone"],
      message: `"${config.store.timezone}" is no time zone; give an IANA name such as ` +
        "Europe/Berlin",
    };
  }
  if (new Set(config.policies.accept_liveness).size < config.policies.accept_liveness.length) {
    yield { path: ["policies", "accept_liveness"], message: "names an outcome twice; keep one" };
  }
}

/** Every contradiction in a configuration that has the right shape. */
export function contradictions(config: Config): Problem[] {
  return [
    ...places(config),
    ...hearing(config),
    ...displays(config),
    ...equipment(config),
    ...radios(config),
    ...network(config),
    ...clockAndRules(config),
    ...aisle(config),
  ];
}
