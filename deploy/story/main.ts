/**
 * `deno task story S8`: plays a story through a real gateway and a real issuer, and says at each
 * step what happens and who knows it. Ends with 1 when the story does not end as told.
 */
import { parseArgs } from "node:util";
import { realClock } from "../../runtime/main.ts";
import { wrongFlag } from "../wrong_flag.ts";
import { Stage } from "./stage.ts";
import { stories } from "./stories.ts";
import type { Story, Tell } from "./story.ts";

const usage = `deno task story NAME [--fast]
  --fast   do not wait for a reader

${stories.map(({ name, title }) => `  ${name}  ${title}`).join("\n")}`;

/** What a reader takes for a word, and for a breath. */
const word_ms = 140;
const breath_ms = 700;

const told = (fast: boolean): Tell => (words) => {
  console.log(`  ${words}`);
  if (fast) return Promise.resolve();
  const delay_ms = breath_ms + word_ms * words.split(" ").length;
  return new Promise((resolve) => void realClock.after(delay_ms, resolve));
};

/** The exit code. */
async function play(story: Story, fast: boolean): Promise<number> {
  console.log(`${story.name}: ${story.title}`);
  await using stage = await Stage.open(story.stage);
  for (const { title, play } of story.chapters) {
    console.log(`\n${title[0]?.toUpperCase()}${title.slice(1)}.`);
    try {
      await play(stage, told(fast));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      console.error(`story: "${title}" did not end as told: ${reason.split("\n")[0]}`);
      return 1;
    }
  }
  console.log(`\n${story.name} ended as told, ${story.chapters.length} times.`);
  return 0;
}

async function main(args: readonly string[]): Promise<number> {
  const options = { fast: { type: "boolean", default: false } } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...options, help: { type: "boolean", default: false } },
    });
    const story = stories.find(({ name }) => name === positionals[0]?.toUpperCase());
    if (story && positionals.length === 1) return await play(story, values.fast);
    console.log(usage);
    return values.help ? 0 : 1;
  } catch (error) {
    console.error(`story: ${wrongFlag(error)}`);
    return 1;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
