/** Secrets through every door, told to the end: none is shown, logged or answered. */
import { secrets } from "./secrets.ts";
import { testStory } from "./testing.ts";

testStory(secrets);
