// Shows the nodes of a help text. Facts of the program stand in the texts as directives and are filled in here, from
// the tables the program itself works by.
import { Fragment } from "react";
import type { ReactNode } from "react";
import { Link, useRoute } from "../../frame/route";
import { Failures, Fields, NegotiationTable, fieldFact } from "./Facts";
import { Reference } from "./Reference";
import { useSchemas } from "../../rest/live";
import type { KindSchema } from "../../rest/types";
import { t } from "../../words";

type Schemas = { [kind: string]: KindSchema } | null;
const none: Schemas = null;

const text = (node: HelpNode | undefined): string => (typeof node === "string" ? node : "");

function Children({ nodes, schemas }: { nodes: HelpNode[]; schemas: Schemas }) {
    return (
        <>
            {nodes.map((node, i) => (
                <Fragment key={i}>
                    <Node node={node} schemas={schemas} />
                </Fragment>
            ))}
        </>
    );
}

/** The words of a node without its marks. */
const plainText = (node: HelpNode): string =>
    typeof node === "string" ? node : (node.slice(1) as HelpNode[]).map((part: HelpNode) => plainText(part)).join("");

function HeadingNode({ level, id, children }: { level: "h2" | "h3"; id: string; children: ReactNode }) {
    const { path } = useRoute();
    const H = level;
    return (
        <H id={id} tabIndex={-1} className="fg-help-heading">
            {children}{" "}
            <Link to={`${path}#${id}`} className="fg-help-anchor" aria-label={t.help.linkHere}>
                #
            </Link>
        </H>
    );
}

function TableNode({ head, rows, schemas }: { head: HelpNode[]; rows: HelpNode[][]; schemas: Schemas }) {
    return (
        <div className="fg-help-table" tabIndex={0} role="region" aria-label={head.map(plainText).join(", ")}>
            <table>
                <thead>
                    <tr>
                        {head.map((cell, i) => (
                            <th key={i} scope="col">
                                <Node node={cell} schemas={schemas} />
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {rows.map((row, i) => (
                        <tr key={i}>
                            {row.map((cell, k) => (
                                <td key={k}>
                                    <Node node={cell} schemas={schemas} />
                                </td>
                            ))}
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}

function DirectiveNode({ name, argument, schemas }: { name: string; argument: string; schemas: Schemas }) {
    switch (name) {
        case "fields":
            return <Fields kind={argument} />;
        case "negotiation":
            return <NegotiationTable />;
        case "failures":
            return <Failures />;
        case "rest":
            return <Reference />;
        default:
            return <>{fieldFact(schemas, name, argument)}</>;
    }
}

const plain: { [kind: string]: "p" | "ul" | "ol" | "li" | "b" | "i" } = { p: "p", ul: "ul", ol: "ol", li: "li", b: "b", i: "i" };

function Node({ node, schemas }: { node: HelpNode; schemas: Schemas }): ReactNode {
    if (typeof node === "string") return node;
    const [kind, ...rest] = node;
    const nodes = rest as HelpNode[];
    const Plain = plain[kind];
    if (Plain) {
        return (
            <Plain>
                <Children nodes={nodes} schemas={schemas} />
            </Plain>
        );
    }
    switch (kind) {
        case "h2":
        case "h3":
            return (
                <HeadingNode level={kind} id={text(nodes[0])}>
                    <Children nodes={nodes.slice(1)} schemas={schemas} />
                </HeadingNode>
            );
        case "a":
            return (
                <Link to={text(nodes[0])}>
                    <Children nodes={nodes.slice(1)} schemas={schemas} />
                </Link>
            );
        case "code":
            return <code>{text(nodes[0])}</code>;
        case "pre":
            return (
                <pre className="fg-help-code" tabIndex={0}>
                    <code>{text(nodes[0])}</code>
                </pre>
            );
        case "note":
            return (
                <aside className="fg-help-note">
                    <Children nodes={nodes} schemas={schemas} />
                </aside>
            );
        case "table":
            return <TableNode head={rest[0] as HelpNode[]} rows={rest[1] as HelpNode[][]} schemas={schemas} />;
        case "x":
            return <DirectiveNode name={text(nodes[0])} argument={text(nodes[1])} schemas={schemas} />;
        default:
            return <Children nodes={nodes} schemas={schemas} />;
    }
}

export function Nodes({ nodes }: { nodes: HelpNode[] }) {
    const schemas = useSchemas() ?? none;
    return (
        <div className="fg-help-text">
            <Children nodes={nodes} schemas={schemas} />
        </div>
    );
}
