// 合作伙伴页面：历史记录和立即重试。
import { figures } from "../plural";

const figure = figures("zh");

export const partnerLife = {
    partnerLife: {
        history: "历史记录",
        commits: "涉及此合作伙伴的提交",
        revision: (n: number) => `修订版 ${n}`,
        noComment: "无注释",
        noCommit: "尚无提交涉及此合作伙伴。",
        count: (n: number) => `${figure(n)} 次提交`,
        audit: "在审核日志中查看",
        retry: "立即重试",
        asked: "正在尝试连接。",
        next: (at: string, attempts: string) => `下次自动重试：${at}；已尝试 ${attempts} 次。`,
        detail: "观察到的情况",
    },
};
