// Simplified Chinese, terms as on the mainland and in Microsoft's Chinese documentation: 联盟合作伙伴, 外部访问策略, 回拨.
import type { Words } from "..";
import { audit } from "./audit";
import { behaviour } from "./behaviour";
import { codes } from "./codes";
import { drafting } from "./drafting";
import { frame } from "./frame";
import { help } from "./help";
import { imports } from "./imports";
import { operations } from "./operations";
import { partnerCare } from "./partnercare";
import { partnerLife } from "./partnerlife";
import { partnerList } from "./partnerlist";
import { overview } from "./overview";
import { partners } from "./partners";
import { policies } from "./policies";
import { security } from "./security";
import { since } from "./since";
import { settings } from "./settings";
import { start } from "./start";
import { streams } from "./streams";
import { topology } from "./topology";
import { users } from "./users";
import { why } from "./why";

export const words: Words = {
    ...codes,
    ...frame,
    ...audit,
    ...behaviour,
    ...drafting,
    ...help,
    ...imports,
    ...operations,
    ...partnerCare,
    ...partnerLife,
    ...partnerList,
    ...overview,
    ...partners,
    ...policies,
    ...security,
    ...since,
    ...settings,
    ...start,
    ...streams,
    ...topology,
    ...users,
    ...why,
};
