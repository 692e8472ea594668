/** S8 told to the end: limits, and what becomes of a sale above them. */
import { limits } from "./s8_limits.ts";
import { testStory } from "./testing.ts";

testStory(limits);
