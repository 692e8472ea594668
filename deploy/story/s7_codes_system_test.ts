/** S7 told to the end: codes that rotate, and what they bring. */
import { codes } from "./s7_codes.ts";
import { testStory } from "./testing.ts";

testStory(codes);
