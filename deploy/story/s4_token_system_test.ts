/** S4 told to the end: one-time tokens, forgeries of them, and sales that look odd. */
import { token } from "./s4_token.ts";
import { testStory } from "./testing.ts";

testStory(token);
