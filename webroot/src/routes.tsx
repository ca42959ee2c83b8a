// Which address shows which page. Each page is a file of its own that is loaded when it is first opened.
import { lazy } from "react";
import type { ComponentType, LazyExoticComponent } from "react";
import { match } from "./frame/route";

type Params = { [name: string]: string };
type PageComponent = ComponentType<Params>;

const Overview = lazy(() => import("./pages/overview/Overview"));
const PartnerList = lazy(() => import("./pages/partners/PartnerList"));
const PartnerForm = lazy(() => import("./pages/partners/PartnerForm"));
const PartnerDetail = lazy(() => import("./pages/partners/PartnerDetail"));
const Streams = lazy(() => import("./pages/streams/Streams"));
const Why = lazy(() => import("./pages/why/Why"));
const Review = lazy(() => import("./pages/review/Review"));
const RevisionList = lazy(() => import("./pages/revisions/RevisionList"));
const RevisionDetail = lazy(() => import("./pages/revisions/RevisionDetail"));
const Settings = lazy(() => import("./pages/settings/Settings"));
const Certificates = lazy(() => import("./pages/certificates/Certificates"));
const Administrators = lazy(() => import("./pages/accounts/Administrators"));
const Tokens = lazy(() => import("./pages/accounts/Tokens"));
const Audit = lazy(() => import("./pages/audit/Audit"));
const Help = lazy(() => import("./pages/help/Help"));
const Start = lazy(() => import("./pages/start/Start"));
const Profile = lazy(() => import("./pages/accounts/Profile"));
const ObjectList = lazy(() => import("./pages/objects/ObjectList"));
const ObjectForm = lazy(() => import("./pages/objects/ObjectForm"));

/** Kinds whose list and form are made from the field tables, with their place in the address. */
export const objectPaths: { [kind: string]: string } = {
    policies: "/policies",
    users: "/users",
    domains: "/domains",
    sites: "/sites",
    edges: "/edges",
    front_ends: "/front-ends",
    trust_anchors: "/trust",
};

const table: [string, LazyExoticComponent<PageComponent>, Params?][] = [
    ["", Overview],
    ["/partners", PartnerList],
    ["/partners/new", PartnerForm],
    ["/partners/:domain/edit", PartnerForm],
    ["/partners/:from/clone", PartnerForm],
    ["/partners/:domain", PartnerDetail],
    ["/streams", Streams],
    ["/why", Why],
    ["/draft", Review],
    ["/revisions", RevisionList],
    ["/revisions/:number", RevisionDetail],
    ["/settings", Settings],
    ["/certificates", Certificates],
    ["/administrators", Administrators],
    ["/tokens", Tokens],
    ["/profile", Profile],
    ["/audit", Audit],
    ["/start", Start],
    ["/help", Help],
    ["/help/:topic", Help],
];

for (const [kind, path] of Object.entries(objectPaths)) {
    table.push([path, ObjectList, { kind }], [`${path}/new`, ObjectForm, { kind }], [`${path}/edit/:name`, ObjectForm, { kind }]);
}

export function findPage(path: string): { Page: LazyExoticComponent<PageComponent>; params: Params } | null {
    for (const [pattern, Page, fixed] of table) {
        const params = match(pattern, path);
        if (params) return { Page, params: { ...params, ...fixed } };
    }
    return null;
}

/** Where an object of the configuration is edited. */
export function editPath(kind: string, key: string): string {
    if (kind === "partners") return `/partners/${encodeURIComponent(key)}/edit`;
    if (kind === "settings") return "/settings";
    if (kind === "certificate_assignments") return "/certificates";
    const path = objectPaths[kind];
    return path ? `${path}/edit/${encodeURIComponent(key)}` : "/draft";
}
