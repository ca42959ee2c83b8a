// 引导式入门。
import type { start as english } from "../en/start";
import { figures } from "../plural";

const figure = figures("zh-CN");

export const start: typeof english = {
    start: {
        title: "入门",
        lead: "一步一步，从空网关到第一条消息。一切都进入您的草稿；在您提交之前任何更改都不会生效。",
        later: "稍后",
        there: "已有",
        saveNext: "保存并继续",
        next: "继续",
        skip: "跳过此步骤",
        names: { domain: "主域", front_end: "前端服务器", partner: "第一个合作伙伴", policy: "谁可以", federation: "联盟", commit: "提交" },
        domain: {
            title: "您的域",
            why: "您的用户地址中 @ 后面的 SIP 域。合作伙伴会向那里发送消息。以后可以添加更多。",
            label: "域",
            another: "另一个域",
            help: "不带 sip: 和 @。",
        },
        frontEnd: {
            title: "您的 SIP 服务器",
            why: "外部消息送往这里，发往外部的消息也只从这里接受。陌生人因此被挡在外面。",
            host: "主机或地址",
            another: "另一台前端服务器",
            hostHelp: "您的域中的用户所登录的服务器。",
            transport: "传输协议",
            transportHelp: { tls: "已加密，双方出示证书。推荐。", tcp: "未加密。仅凭地址识别服务器；用于受保护的网络。", udp: "未加密，且仅限短消息；用于受保护的网络。" },
            port: "端口",
            tlsName: "其证书中的名称",
            tlsNameHelp: "地址无法与证书比较，因此需要名称。",
        },
        partner: {
            title: "第一个合作伙伴",
            why: "只有列出的合作伙伴可以联系您，您也只能联系他们。选项下方显示两台服务器将如何互相证明身份。",
        },
        policy: {
            title: "您的哪些用户可以与合作伙伴通信？",
            why: "全局策略适用于没有其他策略的所有人。在您允许之前，它什么都不允许。",
            label: "谁可以",
            who: { everybody: "所有人", chosen: "我选择的用户", nobody: "暂时没有人" },
            help: { everybody: "全局策略允许。站点和单个用户仍可例外。", chosen: "将创建策略 user:partners。在您于“用户”中指派之前，它没有任何作用。", nobody: "什么都不通过。您可以随时更改。" },
        },
        federation: {
            title: "启用联盟",
            why: "总开关。关闭时不打开任何端口，其他一切都可以从容准备。",
            label: "联盟",
            onHelp: "提交后，网关打开端口并连接合作伙伴。",
            offHelp: "什么都不打开。准备好后在这里或“设置”中启用。",
        },
        commit: {
            title: "检查并提交",
            why: "您的草稿包含前面各步骤的全部内容。再看一遍，然后提交：它会作为整体被检查、准备并生效。",
            nothing: "您的草稿中没有等待的内容。",
            missing: (what: string) => `尚未完成：${what}。您仍可以提交，以后再继续。`,
            certificate: "没有证书，合作伙伴无法与您使用 TLS 或 SASL：",
            dns: "合作伙伴通过 SRV 记录找到您：",
            review: (n: number) => `检查 ${figure(n)} 项更改`,
            toOverview: "前往概述",
        },
    },
};
