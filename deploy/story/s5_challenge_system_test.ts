/** S5 told to the end: an answer that only the right one of several knows. */
import { challenge } from "./s5_challenge.ts";
import { testStory } from "./testing.ts";

testStory(challenge);
