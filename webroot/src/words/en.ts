// English. Short sentences; "we" is this gateway, "they" the partner. What happens to people and messages comes
// first, protocol words second. Another language is a file with the same shape.
import { behaviour } from "./en/behaviour";
import { frame } from "./en/frame";
import { operations } from "./en/operations";
import { partners } from "./en/partners";
import { security } from "./en/security";

export const en = { ...frame, ...partners, ...operations, ...security, ...behaviour };
