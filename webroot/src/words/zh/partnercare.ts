// 合作伙伴：更改会中断什么，域归谁所有，域有何错误，以及没有任何保护的连接。
import { figures } from "../plural";

const figure = figures("zh");

export const partnerCare = {
    partnerCare: {
        suspend: "暂停…",
        suspendOne: (domain: string) => `要暂停 ${domain} 吗？`,
        suspendMany: "要暂停所选的合作伙伴吗？",
        suspendNow: "暂停",
        suspendText: "更改会进入您的草稿。提交后双方都无法互发消息，直到您重新启用该合作伙伴。",
        cut: (streams: number, queued: number) =>
            `提交时将关闭 ${figure(streams)} 个活动流，并将 ${figure(queued)} 条等待中的消息退回发件人。`,
        noMore: "对方联系人将无法再给我方用户写消息。",
        anew: (n: number) => `${figure(n)} 个活动流将按新的条件重新建立。`,
        stay: (n: number) => `${figure(n)} 个活动流保持不变。`,
        taken: (domain: string, partner: string) => `${domain} 已属于合作伙伴 ${partner}。`,
        ours: (domain: string) => `${domain} 是我方自己的域。`,
        primary: (domain: string) => `${domain} 就是上面的主域。`,
        outside: (domain: string, why: string) => `${domain} 超出了您的帐户可更改的范围。${why}`,
        refused: (n: number) => `有 ${figure(n)} 个条目未被采用；请在此更正或删除：`,
        faults: {
            address: "这是地址；请去掉 @ 及其前面的部分",
            web: "这是网址；请只输入其中的域",
            ip: "这是 IP 地址，不是域",
            star: "此处不能使用模式；请逐个列出域",
            inner: "* 只能出现在开头或末尾",
            long: "超过了域的最大长度",
            dots: "有连续的两个点，或以点开头",
            other: "只能包含字母、数字、连字符和点",
        },
        clearTitle: "没有任何加密",
        clearText: "途中的任何人都能读取和篡改每条消息，只有回拨能说明对方是谁。某些旧的公共服务（例如 Google Talk）要求如此；其他情况都不应使用。",
        clearOne: "未加密",
        oneByOne: "您的帐户只能更改部分合作伙伴：请逐个选择。",
    },
};
