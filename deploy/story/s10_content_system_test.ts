/** S10 told to the end: what is shown beside what, to whom, how often and why. */
import { content_shown } from "./s10_content.ts";
import { testStory } from "./testing.ts";

testStory(content_shown);
