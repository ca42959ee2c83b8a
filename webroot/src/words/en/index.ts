// English. Short sentences; "we" is this gateway, "they" the partner. What happens to people and messages comes
// first, protocol words second. The other languages are catalogues of the same shape.
import { audit } from "./audit";
import { behaviour } from "./behaviour";
import { frame } from "./frame";
import { help } from "./help";
import { operations } from "./operations";
import { partners } from "./partners";
import { security } from "./security";
import { start } from "./start";

export const words = { ...frame, ...behaviour, ...partners, ...operations, ...security, ...help, ...audit, ...start };
