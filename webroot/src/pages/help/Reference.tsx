// The REST reference, made from the program's own OpenAPI document.
import { useState } from "react";
import { useAddressState } from "../../frame/route";
import { Failed, Loading } from "../../parts/States";
import { useGet } from "../../rest/useLoad";
import { t } from "../../words";

export interface Json {
    $ref?: string;
    type?: string | string[];
    enum?: (string | null)[];
    format?: string;
    description?: string;
    properties?: { [name: string]: Json };
    required?: string[];
    items?: Json;
    oneOf?: Json[];
    anyOf?: Json[];
    allOf?: Json[];
    default?: unknown;
    minimum?: number;
    maximum?: number;
    schema?: Json;
}

interface Operation {
    summary?: string;
    parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: Json }[];
    requestBody?: { content: { [type: string]: { schema?: Json } } };
    responses: { [status: string]: { description?: string; content?: { [type: string]: { schema?: Json } } } };
    "x-roles"?: string[];
}

interface Document {
    paths: { [path: string]: { [method: string]: Operation } };
    components?: { schemas?: { [name: string]: Json } };
}

const methods = ["get", "post", "put", "patch", "delete"];

function resolve(document: Document, schema: Json | undefined): { name: string; schema: Json } {
    const name = schema?.$ref?.split("/").pop() ?? "";
    return { name, schema: (name ? document.components?.schemas?.[name] : schema) ?? {} };
}

function typeText(schema: Json): string {
    if (schema.$ref) return schema.$ref.split("/").pop() ?? "";
    const choices = schema.oneOf ?? schema.anyOf;
    if (choices) return choices.map(typeText).join(" | ");
    if (schema.enum) return schema.enum.map((v) => JSON.stringify(v)).join(" | ");
    const type = Array.isArray(schema.type) ? schema.type.join(" | ") : (schema.type ?? "");
    if (schema.items) return `${type}<${typeText(schema.items)}>`;
    return schema.format ? `${type} (${schema.format})` : type;
}

function Properties({ document, schema }: { document: Document; schema: Json | undefined }) {
    const { schema: body } = resolve(document, schema);
    const rows = Object.entries(body.properties ?? {});
    if (!rows.length) return <code>{typeText(schema ?? {}) || "{}"}</code>;
    return (
        <ul className="fg-rest-fields">
            {rows.map(([name, field]) => (
                <li key={name}>
                    <code>{name}</code>
                    {body.required?.includes(name) ? "" : "?"} <span className="fg-second">{typeText(field)}</span>
                    {field.description && <p className="fg-second">{field.description}</p>}
                </li>
            ))}
        </ul>
    );
}

function Call({ document, operation }: { document: Document; operation: Operation }) {
    const request = Object.entries(operation.requestBody?.content ?? {});
    const roles = operation["x-roles"] ?? [];
    return (
        <div className="fg-rest-body">
            <p className="fg-second">
                {t.help.roles}: {roles.length ? roles.map((role) => (t.roles as { [r: string]: string })[role] ?? role).join(", ") : t.help.anybody}
            </p>
            {operation.parameters && operation.parameters.length > 0 && (
                <>
                    <h4>{t.help.parameters}</h4>
                    <ul className="fg-rest-fields">
                        {operation.parameters.map((p) => (
                            <li key={`${p.in} ${p.name}`}>
                                <code>{p.name}</code> <span className="fg-second">{p.in}</span>
                                {p.description && <p className="fg-second">{p.description}</p>}
                            </li>
                        ))}
                    </ul>
                </>
            )}
            {request.map(([type, { schema }]) => (
                <div key={type}>
                    <h4>
                        {t.help.request} <span className="fg-second">{type}</span>
                    </h4>
                    <Properties document={document} schema={schema} />
                </div>
            ))}
            {Object.entries(operation.responses).map(([status, response]) => (
                <div key={status}>
                    <h4>
                        {status} <span className="fg-second">{response.description}</span>
                    </h4>
                    {Object.values(response.content ?? {}).map(({ schema }, i) => (
                        <Properties key={i} document={document} schema={schema} />
                    ))}
                </div>
            ))}
        </div>
    );
}

function Entry({ document, method, path, operation }: { document: Document; method: string; path: string; operation: Operation }) {
    const [open, setOpen] = useState(false);
    return (
        <details className="fg-rest-call" open={open} onToggle={(e) => setOpen(e.currentTarget.open)}>
            <summary>
                <span className="fg-rest-method">{method.toUpperCase()}</span> <code>{path}</code>
                <span className="fg-second">{operation.summary}</span>
            </summary>
            {open && <Call document={document} operation={operation} />}
        </details>
    );
}

export function Reference() {
    const { data, error } = useGet<Document>("/openapi.json", { once: true });
    const [state, setState] = useAddressState();
    const filter = (state.get("call") ?? "").toLowerCase();
    if (error) return <Failed error={error} />;
    if (!data) return <Loading />;
    const calls = Object.entries(data.paths).flatMap(([path, operations]) =>
        methods.flatMap((method) => {
            const operation = operations[method];
            const text = `${method} ${path} ${operation?.summary ?? ""}`.toLowerCase();
            return operation && text.includes(filter) ? [{ path, method, operation }] : [];
        }),
    );
    return (
        <div className="fg-rest">
            <label className="fg-rest-filter">
                {t.help.filterCalls}
                <input type="search" value={state.get("call") ?? ""} onChange={(e) => setState({ call: e.target.value })} />
            </label>
            <p className="fg-second" aria-live="polite">
                {t.help.calls(calls.length)}
            </p>
            {calls.map(({ path, method, operation }) => (
                <Entry key={`${method} ${path}`} document={data} path={path} method={method} operation={operation} />
            ))}
        </div>
    );
}
