// Closing a stream: what exactly will happen to it and to what waits for it.
import { rest } from "../rest/client";
import type { Stream } from "../rest/types";
import { t } from "../words";
import { Ask } from "./Ask";
import { MethodLabel } from "./Marks";
import { Facts } from "./Panel";
import { StreamPair } from "./StreamRow";

export function CloseStream({ stream, close }: { stream: Stream; close: () => void }) {
    const w = t.streams;
    return (
        <Ask
            title={w.closeQuestion}
            action={w.closeNow}
            failed={w.closeFailed}
            danger
            run={async () => {
                await rest.post(`/streams/${stream.id}/close`);
            }}
            close={close}
        >
            <Facts
                rows={[
                    [w.columns.pair, <StreamPair key="p" stream={stream} />],
                    [w.columns.direction, w.directionLong[stream.direction]],
                    [w.columns.method, stream.method ? <MethodLabel key="m" method={stream.method} /> : w.noMethod],
                ]}
            />
            <p>
                {w.closeEffect[stream.phase]} {stream.queue > 0 && `${w.closeQueue(stream.queue)} `}
                {w.closeAgain[stream.direction]}
            </p>
        </Ask>
    );
}
