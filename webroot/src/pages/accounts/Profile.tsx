// My account: password, second factor, and where I am signed in.
import { PageHeader, Panel, WithSide } from "../../parts/Panel";
import { useSession } from "../../rest/session";
import { t } from "../../words";
import { Password } from "./Password";
import { SecondFactor } from "./SecondFactor";
import { Sessions } from "./Sessions";

export default function Profile() {
    const { session } = useSession();
    return (
        <div className="fg-page">
            <PageHeader title={t.profile.title} lead={t.profile.lead} />
            <WithSide
                main={
                    <>
                        <SecondFactor />
                        <Panel title={t.sessions.title} ruled>
                            <Sessions username={session?.username ?? ""} />
                        </Panel>
                    </>
                }
                side={<Password />}
            />
        </div>
    );
}
