// 合作伙伴列表：筛选、选择和批量更改。
import { figures } from "../plural";

const figure = figures("zh");
const partners = (n: number) => `${figure(n)} 个合作伙伴`;

export const partnerList = {
    partnerList: {
        setting: "设定的状态",
        change: "草稿",
        anyChange: "任何更改",
        moreFilters: "更多筛选条件",
        fewerFilters: "收起筛选条件",
        selected: (n: number) => `已选择 ${partners(n)}`,
        selectFound: (n: number) => `选择符合筛选条件的全部 ${figure(n)} 个`,
        selectListed: (n: number) => `选择列出的全部 ${figure(n)} 个`,
        unselect: "清除选择",
        editTitle: "设置所选合作伙伴的字段",
        deleteTitle: "删除所选合作伙伴？",
        stage: "保存到草稿",
        counting: "正在计数…",
        whom: (n: number) => `针对 ${partners(n)}。`,
        whomFilter: "针对符合筛选条件的所有合作伙伴。",
        whomAll: "针对列出的所有合作伙伴。",
        willChange: (n: number) => `将在您的草稿中更改 ${partners(n)}。`,
        willDelete: (n: number) => `将在您的草稿中删除 ${partners(n)}。`,
        nobody: "不会有任何变化。",
        already: (n: number) => `${partners(n)}已是如此。`,
        rejected: (n: number) => `${partners(n)}不能这样更改；请选择其他值或将其排除：`,
        setTo: "设置为…",
        newValue: (field: string) => `新值：${field}`,
        clears: "留空则清除该字段。",
        drain: "排空",
    },
};
