/** S1 told to the end: taken from a shelf, carried out, paid. */
import { walkOut } from "./s1_walk_out.ts";
import { testStory } from "./testing.ts";

testStory(walkOut);
