// German, with "Sie". Terms are those of Microsoft's German documentation: Verbundpartner, Externe Zugriffsrichtlinie, Domäne.
import type { Words } from "..";
import { audit } from "./audit";
import { behaviour } from "./behaviour";
import { frame } from "./frame";
import { help } from "./help";
import { operations } from "./operations";
import { partners } from "./partners";
import { security } from "./security";
import { start } from "./start";

export const words: Words = { ...frame, ...behaviour, ...partners, ...operations, ...security, ...help, ...audit, ...start };
