// Which address shows which page. Each page is a file of its own that is loaded when it is first opened.
import { createElement, lazy as later, useState } from "react";
import type { ComponentType, ReactElement } from "react";
import { match } from "./frame/route";

type Params = { [name: string]: string };
type PageComponent = ComponentType<Params>;

interface PageEntry {
    (params: Params): ReactElement;
    /** Loads the file; drawing the page does so too. */
    load: () => Promise<unknown>;
}

/** Like React's, but a page whose file is here already is drawn at once. */
function lazy(file: () => Promise<{ default: PageComponent }>): PageEntry {
    let ready: PageComponent | null = null;
    const load = async () => {
        const found = await file();
        ready = found.default;
        return found;
    };
    const Later = later(load);
    const Page = (params: Params) => {
        const [Chosen] = useState<PageComponent>(() => ready ?? Later); // the same as long as it stands
        return createElement(Chosen, params);
    };
    return Object.assign(Page, { load });
}

const Overview = lazy(() => import("./pages/overview/Overview"));
const PartnerList = lazy(() => import("./pages/partners/PartnerList"));
const PartnerForm = lazy(() => import("./pages/partners/PartnerForm"));
const PartnerDetail = lazy(() => import("./pages/partners/PartnerDetail"));
const Streams = lazy(() => import("./pages/streams/Streams"));
const Why = lazy(() => import("./pages/why/Why"));
const Review = lazy(() => import("./pages/review/Review"));
const RevisionList = lazy(() => import("./pages/revisions/RevisionList"));
const RevisionDetail = lazy(() => import("./pages/revisions/RevisionDetail"));
const Compare = lazy(() => import("./pages/revisions/Compare"));
const ApprovalList = lazy(() => import("./pages/approvals/ApprovalList"));
const ApprovalDetail = lazy(() => import("./pages/approvals/ApprovalDetail"));
const Settings = lazy(() => import("./pages/settings/Settings"));
const Certificates = lazy(() => import("./pages/certificates/Certificates"));
const Administrators = lazy(() => import("./pages/accounts/Administrators"));
const Tokens = lazy(() => import("./pages/accounts/Tokens"));
const Audit = lazy(() => import("./pages/audit/Audit"));
const Help = lazy(() => import("./pages/help/Help"));
const Start = lazy(() => import("./pages/start/Start"));
const Profile = lazy(() => import("./pages/accounts/Profile"));
const UserList = lazy(() => import("./pages/users/UserList"));
const UserImport = lazy(() => import("./pages/users/UserImport"));
const UserDetail = lazy(() => import("./pages/users/UserDetail"));
const PolicyList = lazy(() => import("./pages/policies/PolicyList"));
const PolicyForm = lazy(() => import("./pages/policies/PolicyForm"));
const Imports = lazy(() => import("./pages/imports/Imports"));
const Topology = lazy(() => import("./pages/topology/Topology"));
const Domains = lazy(() => import("./pages/topology/Domains"));
const DomainForm = lazy(() => import("./pages/topology/DomainForm"));
const FrontEnds = lazy(() => import("./pages/topology/FrontEnds"));
const Sites = lazy(() => import("./pages/topology/Sites"));
const Edges = lazy(() => import("./pages/topology/Edges"));
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

const table: [string, PageEntry, Params?][] = [
    ["", Overview],
    ["/partners", PartnerList],
    ["/partners/new", PartnerForm],
    ["/partners/:domain/edit", PartnerForm],
    ["/partners/:from/clone", PartnerForm],
    ["/partners/:domain", PartnerDetail],
    ["/streams", Streams],
    ["/why", Why],
    ["/draft", Review],
    ["/approvals", ApprovalList],
    ["/approvals/:id", ApprovalDetail],
    ["/revisions", RevisionList],
    ["/revisions/compare", Compare],
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
    ["/users", UserList],
    ["/users/import", UserImport],
    ["/users/new", ObjectForm, { kind: "users" }],
    ["/users/edit/:name", ObjectForm, { kind: "users" }],
    ["/users/:address", UserDetail],
    ["/policies", PolicyList],
    ["/policies/new", PolicyForm],
    ["/policies/edit/:name", PolicyForm],
    ["/import", Imports],
    ["/topology", Topology],
    ["/domains", Domains],
    ["/domains/new", DomainForm],
    ["/domains/edit/:name", DomainForm],
    ["/front-ends", FrontEnds],
    ["/sites", Sites],
    ["/edges", Edges],
];

for (const [kind, path] of Object.entries(objectPaths)) {
    table.push([path, ObjectList, { kind }], [`${path}/new`, ObjectForm, { kind }], [`${path}/edit/:name`, ObjectForm, { kind }]);
}

export function findPage(path: string): { Page: PageEntry; params: Params } | null {
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
