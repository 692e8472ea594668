/** Queues in short: whoever is not at the pay position is not named, and who steps up is. */
import assert from "node:assert/strict";
import { loadModels } from "../../runtime/perception/spawn.ts";
import { arrangements, playQueues } from "./queues.ts";
import { asksForQueues, queuesReport } from "./queues_report.ts";

const folder = new URL("../../models/", import.meta.url).pathname;

Deno.test("no bystander is named, and who steps up is", { sanitizeResources: false }, async () => {
  const models = await loadModels({
    detector: `${folder}drawn-detector.json`,
    embedder: `${folder}drawn-embedder.json`,
  });
  const done: number[] = [];
  const figures = await playQueues(models, {
    queues: 6,
    seed: "short",
    progress: (count) => done.push(count),
  });
  assert.deepEqual(done, [1, 2, 3, 4, 5, 6]);
  assert.equal(figures.bystanders_named, 0);
  for (const name of arrangements) {
    const { queues, bystander_named, absent_named, stepped_up_named } = figures.by[name];
    assert.deepEqual(
      { queues, bystander_named, absent_named, stepped_up_named },
      { queues: 2, bystander_named: 0, absent_named: 0, stepped_up_named: 2 },
      name,
    );
  }
  const seen = arrangements.reduce((sum, name) => sum + figures.by[name].both_seen, 0);
  assert.ok(seen > 0, "a queue in which only one face is ever seen proves nothing");
  assert.match(queuesReport(figures), /^SIMULATED: 6 drawn queues of seed short;/);
  assert.ok(asksForQueues(["--queues", "5"]) && !asksForQueues(["--drawn"]));
});
