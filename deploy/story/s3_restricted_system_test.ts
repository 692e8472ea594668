/** S3 told to the end: goods that are not for everybody. */
import { restricted } from "./s3_restricted.ts";
import { testStory } from "./testing.ts";

testStory(restricted);
