/** A story as a test: every chapter a step, on one stage of two processes. */
import { Stage } from "./stage.ts";
import type { Story } from "./story.ts";

export function testStory(story: Story): void {
  Deno.test(`${story.name}: ${story.title}`, async (test) => {
    await using stage = await Stage.open(story.stage);
    for (const { title, play } of story.chapters) {
      await test.step(title, () => play(stage, () => Promise.resolve()));
    }
  });
}
