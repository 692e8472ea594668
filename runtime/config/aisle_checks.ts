/** What a shape alone cannot say of a walk-out aisle: names, ways in and out, and lines that two
 * devices would drive. */
import { duplicates, origin, type Problem, unknown } from "./problems.ts";
import type { Config } from "./schema.ts";

export function* aisle(config: Config): Generator<Problem> {
  const { aisle, zones } = config;
  if (aisle === undefined) return;
  const { gates, shelves, products, tracking, retailer } = aisle;
  const at = (problem: Problem): Problem => ({ ...problem, path: ["aisle", ...problem.path] });
  const known = zones.map(({ id }) => id);
  yield* duplicates("gates", "id", gates.map(({ id }) => id)).map(at);
  yield* duplicates("shelves", "id", shelves.map(({ id }) => id)).map(at);
  yield* duplicates("products", "gtin", products.map(({ gtin }) => gtin)).map(at);
  for (const [index, { zone }] of gates.entries()) {
    yield* unknown(["aisle", "gates", index, "zone"], "zone", zone, known);
  }
  const plates = shelves.flatMap(({ plates }) => plates.map(({ id }) => id));
  const twice = plates.find((plate, index) => plates.indexOf(plate) !== index);
  if (twice !== undefined) {
    yield { path: ["aisle", "shelves"], message: `plate "${twice}" is there twice; rename one` };
  }
  for (const way of ["in", "out"] as const) {
    if (gates.some(({ ways }) => ways === "both" || ways === way)) continue;
    yield { path: ["aisle", "gates"], message: `no gate leads ${way}; add one` };
  }
  if (tracking.grace_ms < tracking.lag_ms) {
    const path = ["aisle", "tracking", "grace_ms"];
    yield { path, message: "is shorter than lag_ms: a cart would close before what is in it" };
  }
  yield* faces(config, aisle);
  yield* lines(aisle);
  yield* origin(["aisle", "retailer", "url"], retailer.url, "https://shop.example");
}

type Aisle = NonNullable<Config["aisle"]>;

/** A camera that knows faces looks at one place, in a zone where people check in. */
function* faces({ cameras, lanes, beacons }: Config, { gates }: Aisle): Generator<Problem> {
  const taken = new Set(lanes.map(({ camera }) => camera));
  for (const [index, { face_camera, zone, ways }] of gates.entries()) {
    if (face_camera === undefined) continue;
    const path = ["aisle", "gates", index, "face_camera"];
    const problem = (message: string): Problem => ({ path, message });
    const camera = cameras.find(({ id }) => id === face_camera);
    if (camera === undefined) {
      yield* unknown(path, "camera", face_camera, cameras.map(({ id }) => id));
    } else if (camera.zone !== zone) {
      yield problem(`camera "${face_camera}" is in zone "${camera.zone}"; put both in one zone`);
    }
    if (taken.has(face_camera)) {
      yield problem(`camera "${face_camera}" looks at another place; give the gate its own`);
    }
    if (ways === "out") yield problem("nobody comes in by this gate; take the camera out");
    if (!beacons.some((beacon) => beacon.zone === zone)) {
      yield problem(`zone "${zone}" has no beacon, so nobody can check in there; add one`);
    }
    taken.add(face_camera);
  }
}

/** Every line of this machine has one device. */
function* lines({ gates, shelves }: Aisle): Generator<Problem> {
  const driven = gates.flatMap(({ device, lamp }, index) => [
    ...device.kind === "gpio"
      ? [{ line: `${device.chip} line ${device.line}`, path: ["gates", index, "device", "line"] }]
      : [],
    ...Object.entries(lamp?.lights ?? {}).map(([light, line]) => ({
      line: `${lamp!.chip} line ${line}`,
      path: ["gates", index, "lamp", "lights", light],
    })),
    ...lamp !== undefined && Object.keys(lamp.lights).length === 0
      ? [{ line: "", path: ["gates", index, "lamp", "lights"] }]
      : [],
  ]);
  const read = shelves.flatMap(({ plates }, shelf) =>
    plates.flatMap(({ scale }, plate) =>
      scale === undefined
        ? []
        : [{ line: scale.path, path: ["shelves", shelf, "plates", plate, "scale", "path"] }]
    )
  );
  const known = new Set<string>();
  for (const { line, path } of [...driven, ...read]) {
    if (line === "") {
      yield {
        path: ["aisle", ...path],
        message: "names no light; give it one, or take the lamp out",
      };
    } else if (known.has(line)) {
      yield { path: ["aisle", ...path], message: `${line} has a device already; give its own` };
    }
    known.add(line);
  }
  for (const [shelf, { device, plates }] of shelves.entries()) {
    const own = plates.findIndex(({ scale }) => scale !== undefined);
    if (device.kind !== "simulated" || own < 0) continue;
    yield {
      path: ["aisle", "shelves", shelf, "plates", own, "scale"],
      message: "stands on a simulated shelf; take it out, or take the shelf's device out",
    };
  }
}
