// 帮助：help/ 中各文本周围的页面。
import type { help as english } from "../en/help";
import { figures } from "../plural";

const figure = figures("zh-CN");

export const help: typeof english = {
    help: {
        title: "帮助",
        lead: "这里的一切都是程序的一部分，无需联网。",
        open: "此页面的帮助",
        search: "搜索帮助",
        found: (n: number) => `找到 ${figure(n)} 处`,
        nothing: "没有找到",
        nothingMore: "请减少或更换搜索词。",
        noTopic: "没有这个主题",
        all: "所有主题",
        linkHere: "此章节的链接",
        combinations: "全部组合",
        groups: { start: "入门", tasks: "任务", operate: "运行", reference: "参考" },
        none: "无",
        allowed: "允许",
        preset: "默认值",
        required: "必填。",
        atMost: (n: number) => `最多 ${figure(n)}`,
        tls: "TLS 协商",
        sasl: "SASL 协商",
        dialback: "回拨",
        result: "结果",
        roles: "角色",
        anybody: "无需登录",
        parameters: "参数",
        request: "请求",
        filterCalls: "筛选调用",
        calls: (n: number) => `${figure(n)} 个调用`,
    },
};
