/** S9 told to the end: a presence that fresh codes keep alive. */
import { presence } from "./s9_presence.ts";
import { testStory } from "./testing.ts";

testStory(presence);
