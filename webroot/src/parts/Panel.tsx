// The plain building blocks of a page: header, panel, grid with a side column, two-column facts.
import { Breadcrumb } from "@patternfly/react-core/dist/esm/components/Breadcrumb/Breadcrumb";
import { BreadcrumbItem } from "@patternfly/react-core/dist/esm/components/Breadcrumb/BreadcrumbItem";
import { useEffect } from "react";
import type { ReactNode } from "react";
import { Link } from "../frame/route";
import { t } from "../words";
import { Together } from "./Together";

interface HeaderProps {
    title: ReactNode;
    /** For the window's title, where `title` is more than text. */
    name?: string;
    lead?: ReactNode;
    crumbs?: { to: string; text: string }[];
    here?: string;
    actions?: ReactNode;
}

export function PageHeader({ title, name, lead, crumbs, here, actions }: HeaderProps) {
    const plain = name ?? (typeof title === "string" ? title : "");
    useEffect(() => {
        document.title = plain ? `${plain} · ${t.product}` : t.product;
    }, [plain]);
    return (
        <header className="fg-header">
            {crumbs && (
                <Breadcrumb className="fg-crumbs" aria-label={t.crumbs}>
                    {crumbs.map((crumb) => (
                        <BreadcrumbItem
                            key={crumb.to}
                            render={({ className }) => (
                                <Link to={crumb.to} className={className}>
                                    {crumb.text}
                                </Link>
                            )}
                        />
                    ))}
                    <BreadcrumbItem isActive>{here ?? plain}</BreadcrumbItem>
                </Breadcrumb>
            )}
            <div className="fg-header-row">
                <div className="fg-header-text">
                    <h1>{title}</h1>
                    {lead && <p className="fg-lead">{lead}</p>}
                </div>
                {actions && <div className="fg-header-actions">{actions}</div>}
            </div>
        </header>
    );
}

interface PanelProps {
    title?: ReactNode;
    note?: ReactNode;
    children: ReactNode;
    className?: string;
    /** A hairline under the title. */
    ruled?: boolean;
}

export function Panel({ title, note, children, className, ruled }: PanelProps) {
    return (
        <section className={`fg-panel ${className ?? ""}`}>
            {title && (
                <div className={`fg-panel-head${ruled ? " fg-ruled" : ""}`}>
                    <h2>{title}</h2>
                    {note !== undefined && <span className="fg-note">{note}</span>}
                </div>
            )}
            {children}
        </section>
    );
}

/** Main column and, from 1200 px, a side column of 372 px. */
export function WithSide({ main, side }: { main: ReactNode; side: ReactNode }) {
    return (
        <Together className="fg-with-side">
            <div className="fg-column">{main}</div>
            <div className="fg-column fg-side">{side}</div>
        </Together>
    );
}

export function Facts({ rows, className }: { rows: [ReactNode, ReactNode][]; className?: string }) {
    return (
        <dl className={`fg-facts ${className ?? ""}`}>
            {rows.map(([term, text], i) => (
                <div key={i}>
                    <dt>{term}</dt>
                    <dd>{text}</dd>
                </div>
            ))}
        </dl>
    );
}

/** Rows with a hairline between them, as in the side panels. */
export function Rows({ children }: { children: ReactNode }) {
    return <ul className="fg-rows">{children}</ul>;
}
