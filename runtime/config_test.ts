/** A configuration is taken whole or refused with every problem, its place and the way out. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { allowsDrawnModels, type Config, lanePolicy, parseConfig, posKey } from "./config.ts";
import { limits } from "../actors/limits.ts";
import { RuntimeError } from "./errors.ts";

const exampleText = readFileSync(new URL("../deploy/store.example.json", import.meta.url), "utf8");
// deno-lint-ignore no-explicit-any
type Draft = any;

/** The example with one change. */
function changed(change: (draft: Draft) => void): unknown {
  const draft: Draft = JSON.parse(exampleText);
  change(draft);
  return draft;
}

function refusal(input: unknown): string {
  try {
    parseConfig(input);
  } catch (error) {
    assert.ok(error instanceof RuntimeError);
    assert.equal(error.kind, "config_invalid");
    return error.message;
  }
  assert.fail("the configuration was taken");
}

Deno.test("the example is a store that parses, with paths relative to its file", () => {
  const config = parseConfig(exampleText, { folder: "/srv/store" });
  assert.equal(config.lanes.length, 3);
  assert.equal(config.data, "/srv/data/riverside");
  assert.equal(config.perception.detector, "drawn");
  assert.equal("$schema" in config, false);
});

/** The example's aisle with equipment of this machine. */
function wired(change: (aisle: Draft) => void = () => {}): unknown {
  return changed((draft) => {
    const [entry, exit] = draft.aisle.gates;
    entry.device = { kind: "gpio", chip: "/dev/gpiochip0", line: 17, active_low: true };
    entry.lamp = { chip: "/dev/gpiochip0", lights: { closed: 22, open: 23 } };
    entry.camera = { kind: "v4l2", path: "/dev/v4l/by-id/gate", width: 640, height: 480 };
    exit.device = { kind: "outside" };
    for (const shelf of draft.aisle.shelves) shelf.device = { kind: "outside" };
    draft.aisle.shelves[0].plates[0].scale = { kind: "serial", path: "/dev/serial/by-id/tea" };
    change(draft.aisle);
  });
}

Deno.test("an aisle's gates, lamps, cameras and scales may hang on this machine", () => {
  const { aisle } = parseConfig(wired());
  assert.deepEqual(aisle?.gates[0]?.device, {
    kind: "gpio",
    chip: "/dev/gpiochip0",
    line: 17,
    open_ms: 5_000,
    active_low: true,
  });
  assert.equal(aisle?.shelves[0]?.plates[0]?.scale?.baud, 9_600);
});

Deno.test("two devices of an aisle on one line are refused, each with its place", () => {
  const places = refusal(wired((aisle) => {
    aisle.gates[1].device = { kind: "gpio", chip: "/dev/gpiochip0", line: 22 };
    aisle.shelves[1].plates[0].scale = { kind: "serial", path: "/dev/serial/by-id/tea" };
    aisle.shelves[1].device = { kind: "simulated" };
  }));
  assert.match(places, /aisle\.gates\[1\]\.device\.line: .*gpiochip0 line 22 has a device already/);
  assert.match(places, /aisle\.shelves\[1\]\.plates\[0\]\.scale\.path: .* has a device already/);
  assert.match(places, /aisle\.shelves\[1\]\.plates\[0\]\.scale: stands on a simulated shelf/);
  const lamp = refusal(wired((aisle) => aisle.gates[0].lamp.lights = {}));
  assert.match(lamp, /aisle\.gates\[0\]\.lamp\.lights: names no light/);
  const chip = refusal(wired((aisle) => aisle.gates[0].device.chip = "/etc/passwd"));
  assert.match(chip, /aisle\.gates\[0\]\.device\.chip: name a device below \/dev/);
});

Deno.test("a gate may have a camera that knows faces, where people check in", () => {
  const faced = (change: (draft: Draft) => void = () => {}) =>
    changed((draft) => {
      const [{ zone }] = draft.aisle.gates;
      draft.cameras.push({ id: "gate-face", zone, device: { kind: "simulated" } });
      draft.aisle.gates[0].face_camera = "gate-face";
      draft.beacons[0].zone = zone;
      change(draft);
    });
  const said = (change: (draft: Draft) => void) => refusal(faced(change));
  assert.match(said((draft) => draft.aisle.gates[0].face_camera = "nobody"), /no camera "nobody"/);
  assert.match(said((draft) => draft.aisle.gates[0].ways = "out"), /nobody comes in by this gate/);
  const elsewhere = said((draft) => {
    draft.zones.push({ id: "porch", name: "Porch" });
    draft.cameras.at(-1).zone = "porch";
  });
  assert.match(elsewhere, /put both in one zone/);
  const shared = said((draft) => draft.aisle.gates[0].face_camera = draft.lanes[0].camera);
  assert.match(shared, /looks at another place; give the gate its own/);
  const alone = said((draft) => {
    draft.zones.push({ id: "porch", name: "Porch" });
    draft.aisle.gates[0].zone = "porch";
    draft.cameras.at(-1).zone = "porch";
  });
  assert.match(alone, /zone "porch" has no beacon/);
});

Deno.test("defaults are filled in", () => {
  const config = parseConfig(changed((draft) => {
    delete draft.http;
    delete draft.perception;
    delete draft.policies;
    delete draft.limits;
    delete draft.data;
  }));
  assert.deepEqual(config.http, { host: "127.0.0.1", port: 8480, names: [] });
  assert.equal(config.data, "data");
  assert.equal(config.policies.selection, "operator");
  assert.deepEqual(config.policies.accept_liveness, ["passed"]);
  assert.equal(config.limits.per_payment_minor, 50_000);
});

Deno.test("a sale is not forgotten while its till may ask for it again", () => {
  const kept = (days: number) => changed((draft) => draft.limits = { history_days: days });
  assert.match(refusal(kept(1)), /limits\.history_days/);
  assert.ok(parseConfig(kept(2)).limits.history_days * 86_400_000 >= limits.till_names_ms);
});

Deno.test("every misspelt or missing key is named, one to a line", () => {
  const message = refusal(changed((draft) => {
    delete draft.store.currency;
    draft.colour = "green";
    draft.http.prot = 1;
    draft.lanes[1].camera = 7;
  }));
  const lines = message.split("\n");
  assert.equal(lines.length, 4);
  assert.ok(lines.every((line) => line.startsWith("configuration: ")));
  assert.ok(lines.includes("configuration: store.currency: is missing; add it"));
  assert.match(message, /configuration: colour: is not a key/);
  assert.match(message, /configuration: http\.prot: is not a key/);
  assert.match(message, /configuration: lanes\[1\]\.camera: .*string/);
});

const contradictions: [string, (draft: Draft) => void, RegExp][] = [
  ["a lane in no zone", (d) => d.lanes[0].zone = "roof", /lanes\[0\]\.zone: there is no zone/],
  ["a lane without camera", (d) => d.lanes[0].camera = "x", /name one of "till-1", "till-2"/],
  ["two lanes of one id", (d) => d.lanes[1].id = "1", /lanes\[1\]\.id: "1" is also lanes\[0\]/],
  ["two lanes on a camera", (d) => d.lanes[1].camera = "till-1", /lanes\[1\]\.camera: "till-1"/],
  [
    "a camera in another zone",
    (d) => {
      d.zones.push({ id: "bakery", name: "Bakery" });
      d.cameras[0].zone = "bakery";
    },
    /lanes\[0\]\.camera: camera "till-1" is in zone "bakery"/,
  ],
  [
    "a zone without beacon",
    (d) => {
      d.zones.push({ id: "bakery", name: "Bakery" });
      d.lanes[0].zone = d.cameras[0].zone = "bakery";
    },
    /lanes\[0\]\.zone: zone "bakery" has no beacon/,
  ],
  ["an open port without key", (d) => d.http.host = "0.0.0.0", /http\.host: .*pos_key_file/],
  [
    "a key given twice",
    (d) => Object.assign(d.http, { pos_key: "k".repeat(20), pos_key_file: "key" }),
    /http\.pos_key: given twice/,
  ],
  ["plain http to the world", (d) => d.issuer.url = "http://issuer.example", /use https/],
  ["an issuer with a path", (d) => d.issuer.url = "https://i.example/v1", /https:\/\/i\.example$/],
  ["an issuer of another kind", (d) => d.issuer.url = "ftp://i.example", /no http\(s\) address/],
  ["a zone of no clock", (d) => d.store.timezone = "Europe/Atlantis", /IANA/],
  [
    "recorded faces under drawn models",
    (d) => d.cameras[0].device = { kind: "recorded", folder: "people" },
    /device: the `drawn` models[^\n]*\nconfiguration: cameras\[0\]\.device: a recorded/,
  ],
  [
    "recorded faces under drawn models that were allowed but once",
    (d) => {
      d.cameras[0].device = { kind: "recorded", folder: "people" };
      d.policies.accept_liveness = ["not_assessed"];
      d.policies.allow_drawn_models = true;
    },
    /device: the `drawn` models[^\n]*say twice/,
  ],
  [
    "a pay position outside the picture",
    (d) => d.lanes[0].pay_position = { x: 1.2, y: 0.5, reach: 0.3, least_face: 0.1 },
    /lanes\[0\]\.pay_position\.x: /,
  ],
  [
    "half a pair of models",
    (d) => d.perception.embedder = "arcface:a.onnx",
    /perception: detector/,
  ],
  [
    "a camera's node outside /dev",
    (d) => d.cameras[0].device = { kind: "v4l2", path: "/dev/../etc/passwd" },
    /device\.path: name a device below \/dev/,
  ],
  [
    "real cameras under drawn models",
    (d) => d.cameras[0].device = { kind: "v4l2", path: "/dev/v4l/by-id/usb-1" },
    /device: the `drawn` models/,
  ],
  [
    "a lane that listens with what is not there",
    (d) => d.lanes[0].microphone = "mouth-9",
    /lanes\[0\]\.microphone: there is no microphone "mouth-9"/,
  ],
  [
    "two lanes that listen to one place, and a microphone nobody needs",
    (d) => {
      const device = { kind: "alsa", pcm: "plughw:CARD=Webcam" };
      d.microphones = [{ id: "m-1", device }, { id: "m-2", device }];
      d.lanes[0].microphone = d.lanes[1].microphone = "m-1";
    },
    /lanes\[1\]\.microphone: "m-1" is also[^]*microphones\[1\]\.id: no lane uses/,
  ],
  ["a device of tomorrow", (d) => d.beacons[0].device = { kind: "quantum" }, /simulated/],
  [
    "a beacon whose name does not fit the air",
    (d) => {
      d.beacons[0].hardware_id = "a-name-longer-than-a-scan-response";
      d.beacons[0].device = { kind: "bluez", adapter: "hci0" };
    },
    /hardware_id: has 34 characters/,
  ],
];
for (const [story, change, expected] of contradictions) {
  Deno.test(`refused: ${story}`, () => assert.match(refusal(changed(change)), expected));
}

Deno.test("drawn models look at real people where that is said twice", () => {
  const config = parseConfig(changed((draft) => {
    draft.cameras[0].device = { kind: "recorded", folder: "people" };
    draft.policies = { accept_liveness: ["not_assessed"], allow_drawn_models: true };
    draft.perception.allow_drawn_models = true;
    draft.lanes[0].pay_position = { x: 0.4, y: 0.5, reach: 0.3, least_face: 0.1 };
  }));
  assert.ok(allowsDrawnModels(config));
  assert.equal(config.lanes[0]!.pay_position!.beside, 0.85);
});

Deno.test("broken JSON is placed but never quoted", () => {
  const message = refusal('{\n "http": {"pos_key": "a-very-secret-key-000"\n');
  assert.match(message, /is not JSON at line 3 column 1/);
  assert.doesNotMatch(message, /secret/);
});

Deno.test("a flood of problems is cut", () => {
  const lines = refusal(changed((draft) => {
    for (let index = 0; index < 50; index++) draft[`extra_${index}`] = 1;
  })).split("\n");
  assert.equal(lines.length, 21);
  assert.match(lines[20] ?? "", /and 30 more/);
});

Deno.test("models and folders keep their preset and become absolute", () => {
  const config = parseConfig(
    changed((draft) => {
      draft.perception = { detector: "yunet:m/face.onnx", embedder: "/opt/arc.json" };
      draft.cameras[0].device = { kind: "recorded", folder: "people" };
      draft.policies.accept_liveness = ["passed", "not_assessed"];
    }),
    { folder: "/srv" },
  );
  assert.equal(config.perception.detector, "yunet:/srv/m/face.onnx");
  assert.equal(config.perception.embedder, "/opt/arc.json");
  assert.deepEqual(config.cameras[0]?.device, { kind: "recorded", folder: "/srv/people" });
});

Deno.test("the POS key comes from the file that is named", () => {
  const config: Config = parseConfig(changed((draft) => draft.http.pos_key_file = "/run/key"));
  assert.equal(posKey(config, () => "0123456789abcdefghij\nsecond line"), "0123456789abcdefghij");
  assert.throws(() => posKey(config, () => "short-key"), (error: Error) => {
    assert.match(error.message, /first line of \/run\/key is no key/);
    return !error.message.includes("short-key");
  });
  assert.throws(() =>
    posKey(config, () => {
      throw new RangeError("secret detail");
    }), /cannot read \/run\/key \(RangeError\)/);
});

Deno.test("a lane may choose its own selection", () => {
  const config = parseConfig(exampleText);
  const [first, , third] = config.lanes;
  assert.ok(first !== undefined && third !== undefined);
  assert.equal(lanePolicy(config, first).selection, "operator");
  assert.equal(lanePolicy(config, third).selection, "automatic");
});
