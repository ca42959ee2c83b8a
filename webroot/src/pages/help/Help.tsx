// Help: all topics with a search at /help, one topic at /help/TOPIC. The texts are part of the program; nothing is
// fetched from elsewhere.
import { help, groups } from "help:index";
import { SearchInput } from "@patternfly/react-core/dist/esm/components/SearchInput/SearchInput";
import { useEffect, useState } from "react";
import type { ReactNode } from "react";
import { Link, useAddressState, useRoute } from "../../frame/route";
import { PageHeader, Panel } from "../../parts/Panel";
import { Empty, Failed, Loading } from "../../parts/States";
import { language, t } from "../../words";
import { Nodes } from "./Nodes";
import { find } from "./search";
import type { Found } from "./search";

const here = () => help[language] ?? help.en!;
const titleOf = (name: string) => here().topics.find((topic) => topic.name === name)?.title ?? name;

/** What a promise gave: a text of the help that is loaded when it is first looked at. */
function useText<T>(load: (() => Promise<{ default: T }>) | null): { data: T | null; error: unknown } {
    const [state, setState] = useState<{ data: T | null; error: unknown }>({ data: null, error: null });
    useEffect(() => {
        let wanted = true;
        setState({ data: null, error: null });
        load?.()
            .then((module) => wanted && setState({ data: module.default, error: null }))
            .catch((error: unknown) => wanted && setState({ data: null, error }));
        return () => {
            wanted = false;
        };
    }, [load]);
    return state;
}

function Marked({ text, words }: { text: string; words: string[] }): ReactNode {
    if (!words.length) return text;
    const escaped = words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return text.split(new RegExp(`(${escaped.join("|")})`, "gi")).map((part, i) => (i % 2 ? <mark key={i}>{part}</mark> : part));
}

function Results({ found, words }: { found: Found[]; words: string[] }) {
    if (!found.length) return <Empty title={t.help.nothing}>{t.help.nothingMore}</Empty>;
    return (
        <ul className="fg-help-results">
            {found.map(({ entry, excerpt }) => (
                <li key={`${entry.topic}#${entry.section}`}>
                    <Link to={`/help/${entry.topic}${entry.section ? `#${entry.section}` : ""}`}>
                        <Marked text={entry.title} words={words} />
                    </Link>
                    {entry.section && <div className="fg-second">{titleOf(entry.topic)}</div>}
                    <p className="fg-second">
                        <Marked text={excerpt} words={words} />
                    </p>
                </li>
            ))}
        </ul>
    );
}

function Search({ query }: { query: string }) {
    const { data, error } = useText(here().search);
    if (error) return <Failed error={error} />;
    if (!data) return <Loading />;
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    const found = find(data, words);
    return (
        <Panel title={t.help.found(found.length)} ruled>
            <Results found={found} words={words} />
        </Panel>
    );
}

function Overview() {
    const groupTitle = t.help.groups as { [group: string]: string };
    return (
        <div className="fg-help-groups">
            {groups.map(({ group, topics }) => (
                <Panel key={group} title={groupTitle[group]} ruled>
                    <ul className="fg-help-list">
                        {topics.map((name) => {
                            const topic = here().topics.find((one) => one.name === name);
                            return (
                                <li key={name}>
                                    <Link to={`/help/${name}`}>{topic?.title}</Link>
                                    <p className="fg-second">{topic?.lead}</p>
                                </li>
                            );
                        })}
                    </ul>
                </Panel>
            ))}
        </div>
    );
}

function Index() {
    const [state, setState] = useAddressState();
    const query = state.get("q") ?? "";
    return (
        <div className="fg-page">
            <PageHeader title={t.help.title} lead={t.help.lead} />
            <SearchInput
                className="fg-help-search"
                aria-label={t.help.search}
                placeholder={t.help.search}
                value={query}
                onChange={(_, value) => setState({ q: value })}
                onClear={() => setState({ q: "" })}
            />
            <div aria-live="polite">{query.trim() ? <Search query={query} /> : <Overview />}</div>
        </div>
    );
}

function Topic({ name }: { name: string }) {
    const { hash } = useRoute();
    const topic = here().topics.find((one) => one.name === name);
    const { data, error } = useText(topic?.load ?? null);
    useEffect(() => {
        if (!data || !hash) return;
        const target = document.getElementById(hash);
        target?.scrollIntoView();
        target?.focus({ preventScroll: true });
    }, [data, hash]);
    const crumbs = [{ to: "/help", text: t.help.title }];
    if (!topic) {
        return (
            <div className="fg-page">
                <PageHeader title={t.help.title} crumbs={crumbs} here={name} />
                <Empty title={t.help.noTopic} action={<Link to="/help">{t.help.all}</Link>} />
            </div>
        );
    }
    return (
        <div className="fg-page">
            <PageHeader title={topic.title} crumbs={crumbs} here={topic.title} />
            {error ? <Failed error={error} /> : data ? <Nodes nodes={data} /> : <Loading />}
        </div>
    );
}

export default function Help({ topic }: { [name: string]: string }) {
    return topic ? <Topic key={topic} name={topic} /> : <Index />;
}
