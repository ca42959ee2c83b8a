// 流：哪些已打开，哪些正在建立，以及关闭。
import type { streams as english } from "../en/streams";
import { figures } from "../plural";

const figure = figures("zh-CN");

export const streams: typeof english = {
    streams: {
        title: "流",
        lead: (open: number, limit: number | null, settingUp: number, closing: number) => {
            const first = limit ? `已打开 ${figure(open)} 个，上限 ${figure(limit)} 个` : `已打开 ${figure(open)} 个`;
            const more = [settingUp && `${figure(settingUp)} 个正在建立`, closing && `${figure(closing)} 个正在关闭`];
            return `${[first, ...more].filter(Boolean).join("，")}。`;
        },
        search: "域或地址",
        direction: { in: "入站", out: "出站" },
        directionLong: { in: "由对方打开", out: "由我方打开" },
        ours: { in: (domain: string) => `入站，到 ${domain}`, out: (domain: string) => `出站，来自 ${domain}` },
        partner: (domain: string) => `合作伙伴：${domain}`,
        columns: {
            state: "状态",
            direction: "方向",
            pair: "域对",
            peer: "对端地址",
            method: "方法",
            since: "持续时间",
            stanzas: "节数",
            queue: "队列",
        },
        verdicts: {
            cert_untrusted: "证书不受信任",
            cert_expired: "证书当前无效",
            cert_revoked: "证书已吊销",
            cert_name_mismatch: "证书名称不符",
            cert_purpose: "证书用途不符",
            cert_missing: "无证书",
        },
        noMethod: "尚无",
        phase: { open: "已打开", setting_up: "正在建立", closing: "正在关闭" },
        gone: "已关闭",
        steps: {
            new: "正在开始",
            resolving: "正在查找对方服务器",
            connecting: "正在连接",
            header: "正在等待对方服务器",
            negotiating: "正在协商条件",
            starttls: "正在请求 TLS",
            tls: "正在建立 TLS",
            sasl: "正在用证书证明身份",
            dialback: "正在用回拨证明身份",
        },
        stanzasBoth: (came: string, went: string) => `入站 ${came}，出站 ${went}`,
        waits: (n: number) => `${figure(n)} 条等待`,
        foot: (n: number) => `${figure(n)} 个流`,
        all: (n: number) => `全部 ${figure(n)} 个流`,
        empty: "没有打开的流",
        emptyText: "我方用户与合作伙伴的用户之间发出第一条消息时，无论来自哪一方，都会打开流。",
        toPartners: "转到合作伙伴",
        close: "关闭",
        closeOne: (pair: string) => `关闭流 ${pair}`,
        closeQuestion: "关闭此流？",
        closeEffect: {
            open: "双方服务器会有序地结束它。正在传送的内容仍会送达。",
            setting_up: "将放弃此次建立。",
            closing: "它已在关闭；我们不再等待对方服务器。",
        },
        closeQueue: (n: number) => `有 ${figure(n)} 条消息在等待它，将转到新的流。`,
        closeAgain: {
            in: "对方服务器有内容要发送时会打开新的流。",
            out: "有内容要发送时，我们会打开新的流。",
        },
        closeNow: "关闭流",
        closeFailed: "流未关闭",
    },
};
