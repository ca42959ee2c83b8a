// 提交之后发生了什么。
import type { since as english } from "../en/since";
import { figures } from "../plural";

const figure = figures("zh-CN");

export const since: typeof english = {
    since: {
        title: "提交之后",
        live: "实时更新",
        object: "对象",
        what: "发生了什么",
        result: "结果",
        when: "时间",
        works: "正常",
        nothingYet: "尚无流量。",
        tryNow: "立即尝试",
        trying: "正在尝试…",
        first: "新增，尚未连接",
        noStream: "当前没有流",
        streams: (n: number) => `${figure(n)} 个流`,
        elseTitle: "其他一切",
        stayed: (n: number) => `${figure(n)} 个流保持不断。`,
        noNewFailure: "提交之后没有新的失败。",
        newFailures: (n: number) => (n === 1 ? "自提交以来失败。" : `等共 ${figure(n)} 个合作伙伴自提交以来失败。`),
        asBefore: (n: number) => (n === 1 ? "和以前一样失败；此次提交没有触及它。" : `等共 ${figure(n)} 个合作伙伴和以前一样失败；此次提交没有触及它们。`),
    },
};
