/** Every story there is, by its name. */
import { restricted } from "./s3_restricted.ts";
import { challenge } from "./s5_challenge.ts";
import { limits } from "./s8_limits.ts";
import type { Story } from "./story.ts";

export const stories: readonly Story[] = [restricted, challenge, limits];
