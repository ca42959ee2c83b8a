// What has a code: the server speaks English itself.
import type { Codes } from "../codes";

export const codes: { codes: Codes } = { codes: { problems: {}, failures: {}, rules: {} } };
