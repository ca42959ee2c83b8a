// The start of the panel: words, theme, session; then the page that the address names.
import { Component, lazy, Suspense, useSyncExternalStore } from "react";
import type { ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { Button } from "@patternfly/react-core/dist/esm/components/Button/Button";
import { Frame } from "./frame/Frame";
import { startLanguage } from "./frame/language";
import { adopt } from "./frame/preferences";
import { Link, RouteProvider, useRoute } from "./frame/route";
import { applyTheme, useTheme } from "./frame/theme";
import { PageHeader } from "./parts/Panel";
import { Failed } from "./parts/States";
import { SignIn, SignInAgain } from "./pages/signin";
import { RestError } from "./rest/client";
import { SessionProvider, useSession } from "./rest/session";
import { findPage } from "./routes";
import { language, onLanguage, t } from "./words";

const Setup = lazy(() => import("./pages/setup"));

/** A page that fails shows its failure in its place; the frame stays usable. */
class Fence extends Component<{ children: ReactNode }, { error: Error | null }> {
    override state: { error: Error | null } = { error: null };

    static getDerivedStateFromError(error: Error) {
        return { error };
    }

    override render() {
        if (!this.state.error) return this.props.children;
        return (
            <div className="fg-page">
                <Failed error={this.state.error} retry={() => window.location.reload()} />
            </div>
        );
    }
}

function NotFound() {
    return (
        <div className="fg-page">
            <PageHeader title={t.common.notFound} lead={t.common.notFoundText} />
            <Link to="/">{t.common.toOverview}</Link>
        </div>
    );
}

function Current() {
    const { path } = useRoute();
    const found = findPage(path);
    if (!found) return <NotFound />;
    const { Page, params } = found;
    return (
        <Fence key={path}>
            <Page {...params} />
        </Fence>
    );
}

function Panel() {
    useSyncExternalStore(onLanguage, () => language);
    useTheme();
    const { session, ended, unreachable, ask } = useSession();
    const { path } = useRoute();
    if (path === "/setup") {
        return (
            <Suspense fallback={null}>
                <Setup />
            </Suspense>
        );
    }
    if (unreachable) {
        return (
            <main className="fg-gate">
                <div className="fg-gate-card">
                    <Failed error={new RestError({ title: "", status: 0 })} />
                    <Button onClick={ask}>{t.common.retry}</Button>
                </div>
            </main>
        );
    }
    if (session === undefined) return null;
    if (session === null) return <SignIn />;
    return (
        <>
            <Frame>
                <Current />
            </Frame>
            {ended && <SignInAgain />}
        </>
    );
}

applyTheme();
void findPage(window.location.pathname)?.Page.load().catch(() => undefined); // drawing it says what is wrong
void startLanguage().then(() => {
    createRoot(document.getElementById("panel")!).render(
        <RouteProvider>
            <SessionProvider adopt={adopt}>
                <Panel />
            </SessionProvider>
        </RouteProvider>,
    );
});
