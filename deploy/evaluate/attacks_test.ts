/** Pictures held up to a lane's recogniser are refused, and each cue of that is needed. */
import assert from "node:assert/strict";
import type { AttackKind } from "../../hardware/simulated/presentation.ts";
import type { LivenessProof } from "../../runtime/perception/decide.ts";
import { Sighter } from "../../runtime/perception/sights.ts";
import { loadModels } from "../../runtime/perception/spawn.ts";
import { asksForAttacks, attacksReport, runAttacks } from "./attacks_report.ts";
import { type AttackFigures, type Cue, judgeUnder, tryOne } from "./attacks.ts";

const folder = new URL("../../models/", import.meta.url).pathname;
const shipped = {
  detector: `${folder}drawn-detector.json`,
  embedder: `${folder}drawn-embedder.json`,
};

/** The model runtime keeps a message port of its own for as long as the process lives. */
const kept_port = { sanitizeResources: false };

/** How many of a few presentations are taken for alive. */
async function taken(
  kind: AttackKind | "alive",
  proof: LivenessProof,
  without: readonly Cue[] = [],
  presentations = 2,
): Promise<number> {
  const models = await loadModels(shipped);
  const sighter = await Sighter.open(models);
  const rule = { proof, without };
  const judges = [{ rule, judge: judgeUnder(sighter, models, rule) }];
  let alive = 0;
  for (let at = 0; at < presentations; at++) {
    const [outcome] = await tryOne(sighter, judges, { kind, at }, { seed: "attacks", turns: 3 });
    if (outcome?.alive) alive++;
  }
  return alive;
}

Deno.test("without the cue of stillness, a picture on a stand is alive", kept_port, async () => {
  assert.equal(await taken("static_picture", "motion"), 0);
  assert.equal(await taken("static_picture", "motion", ["stillness"]), 2);
  assert.equal(await taken("alive", "motion"), 2);
});

Deno.test(
  "a picture in two hands is refused by its depth, or by its surroundings",
  kept_port,
  async () => {
    assert.equal(await taken("moved_picture", "depth"), 0);
    assert.equal(await taken("moved_picture", "depth", ["parallax"]), 2);
    assert.equal(await taken("moved_picture", "graded", ["parallax"]), 0);
  },
);

Deno.test(
  "a film on a stand moves as somebody alive, and flickers as nobody does",
  kept_port,
  async () => {
    assert.equal(await taken("fixed_screen", "motion"), 2);
    const others = ["challenge", "shimmer", "parallax"] as const;
    assert.equal(await taken("fixed_screen", "graded", others), 0);
    assert.equal(await taken("fixed_screen", "graded", [...others, "flicker"]), 2);
  },
);

Deno.test(
  "without the challenge, a film that no other cue gives away is alive",
  kept_port,
  async () => {
    const hidden = ["surroundings", "flicker"] as const;
    assert.equal(await taken("screen_replay", "challenge", hidden), 0);
    assert.equal(await taken("screen_replay", "challenge", [...hidden, "challenge"]), 2);
    assert.ok(await taken("alive", "challenge") > 0);
  },
);

Deno.test("the report says that it is simulated, with an interval at every rate", async () => {
  assert.ok(asksForAttacks(["--attacks"]) && !asksForAttacks(["--drawn"]));
  await assert.rejects(runAttacks(["--attacks", "--proof", "x"], () => {}), /--proof is x; give/);
  const kinds = {
    static_picture: 0,
    moved_picture: 0.5,
    cut_out: 0,
    screen_replay: 1,
    fixed_screen: 1,
  };
  const nobody = { presentations: 4, alive: 0, named: 0 };
  const figures: AttackFigures = {
    simulated: true,
    proof: "motion",
    turns: 0,
    company: false,
    apcer: kinds,
    bpcer: 0.25,
    intervals: {
      static_picture: [0, 0.49],
      moved_picture: [0.15, 0.85],
      cut_out: [0, 0.49],
      screen_replay: [0.51, 1],
      fixed_screen: [0.51, 1],
      bpcer: [0.05, 0.7],
    },
    taken: {
      static_picture: nobody,
      moved_picture: { ...nobody, alive: 2 },
      cut_out: nobody,
      screen_replay: { ...nobody, alive: 4 },
      fixed_screen: { ...nobody, alive: 4 },
      alive: { presentations: 4, alive: 3, named: 3 },
    },
  };
  const report = attacksReport([figures], 4);
  assert.match(report, /^SIMULATED: /);
  assert.match(report, /APCER moved picture +50\.0 % \(15\.0 % to 85\.0 %\)/);
  assert.match(report, /BPCER living people +25\.0 % \(5\.0 % to 70\.0 %\)/);
  assert.match(report, /given their name +75\.0 %/);
});
