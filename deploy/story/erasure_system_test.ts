/** Revoked and erased, told to the end: nothing of a template is left anywhere. */
import { erasure } from "./erasure.ts";
import { testStory } from "./testing.ts";

testStory(erasure);
