// Facts in the help: fields of a kind, the negotiation rows, the failures, a default or a range. All from the server's
// tables, so that the help cannot say something else than the program does.
import { MethodLabels } from "../../parts/Marks";
import { Loading } from "../../parts/States";
import { useFailures, useNegotiation, useSchema } from "../../rest/live";
import type { Field, KindSchema, Value } from "../../rest/types";
import { t } from "../../words";

type Schemas = { [kind: string]: KindSchema } | null;

/** "settings.limits.depth" within the field tables. */
function find(schemas: Schemas, path: string): Field | null {
    const [kind = "", ...names] = path.split(".");
    let fields: Field[] | undefined = schemas?.[kind]?.fields;
    let found: Field | null = null;
    for (const name of names) {
        found = fields?.find((f) => f.name === name) ?? null;
        fields = found?.fields;
    }
    return found;
}

function shown(field: Field, value: Value | undefined): string {
    if (value === null || value === undefined || value === "") return t.help.none;
    if (typeof value === "boolean") return value ? t.on : t.off;
    if (typeof value === "object") return JSON.stringify(value);
    const choice = field.enum?.find((c) => c.value === value);
    const unit = field.unit ? ` ${field.unit}` : "";
    return choice ? choice.label : `${value}${unit}`;
}

export function fieldFact(schemas: Schemas, name: string, path: string): string {
    const field = find(schemas, path);
    if (!field) return "…";
    if (name === "default") return shown(field, field.default);
    return `${field.min ?? ""}–${field.max ?? ""}${field.unit ? ` ${field.unit}` : ""}`;
}

function range(field: Field): string {
    if (field.enum) return field.enum.map((c) => c.label).join(" · ");
    if (field.min !== undefined) return `${field.min}–${field.max}${field.unit ? ` ${field.unit}` : ""}`;
    if (field.max_items) return t.help.atMost(field.max_items);
    return "";
}

function flat(fields: Field[], prefix = ""): { path: string; field: Field }[] {
    return fields
        .filter((f) => !f.read_only)
        .flatMap((f) => (f.fields ? flat(f.fields, `${prefix}${f.name}.`) : [{ path: `${prefix}${f.name}`, field: f }]));
}

export function Fields({ kind }: { kind: string }) {
    const schema = useSchema(kind);
    if (!schema) return <Loading />;
    return (
        <dl className="fg-help-fields">
            {flat(schema.fields).map(({ path, field }) => (
                <div key={path}>
                    <dt>
                        {field.label} <code>{path}</code>
                    </dt>
                    <dd>
                        {field.help}
                        <span className="fg-second">
                            {range(field) && `${t.help.allowed}: ${range(field)}. `}
                            {field.required ? t.help.required : `${t.help.preset}: ${shown(field, field.default)}.`}
                        </span>
                    </dd>
                </div>
            ))}
        </dl>
    );
}

export function NegotiationTable() {
    const rows = useNegotiation();
    if (!rows) return <Loading />;
    return (
        <div className="fg-help-table" tabIndex={0} role="region" aria-label={t.help.combinations}>
            <table>
                <thead>
                    <tr>
                        {[t.help.tls, t.help.sasl, t.help.dialback, t.help.result].map((text) => (
                            <th key={text} scope="col">
                                {text}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {rows.map((row) => (
                        <tr key={`${row.tls} ${row.sasl} ${row.dialback}`}>
                            <td>{t.need[row.tls]}</td>
                            <td>{t.need[row.sasl]}</td>
                            <td>{row.dialback ? t.on : t.off}</td>
                            <td>
                                {row.valid && <MethodLabels methods={row.methods} />}
                                {row.problem && <span>{row.problem.message}</span>}
                                {row.warnings.map((w) => (
                                    <span key={w.code} className="fg-second">
                                        {w.message}
                                    </span>
                                ))}
                            </td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}

/** Every failure of the catalogue with its cause and what to do. */
export function Failures() {
    const failures = useFailures();
    if (!failures) return <Loading />;
    return (
        <dl className="fg-help-fields">
            {failures.map((failure) => (
                <div key={failure.code}>
                    <dt>
                        <code>{failure.code}</code>
                    </dt>
                    <dd>
                        {failure.cause}
                        <span className="fg-second">{failure.remedy}</span>
                    </dd>
                </div>
            ))}
        </dl>
    );
}
