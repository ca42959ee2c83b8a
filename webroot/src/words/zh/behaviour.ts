// 控制面板的行为：同时更改、长时间的工作、权限、先前的输入，以及页面是否仍能收到网关的消息。
import type { behaviour as english } from "../en/behaviour";
import { before } from "../chinese";
import { figures } from "../plural";

const figure = figures("zh-CN");

export const behaviour: typeof english = {
    conflict: {
        title: (name: string) => `其他人在此期间更改了 ${name}`,
        titleBy: (name: string, who: string, when: string) => `${before(who)}在此期间更改了 ${name}（${when}）`,
        text: "您的输入仍在。请逐项选择；在您确认之前不会保存任何内容。",
        before: "之前",
        mine: "您的",
        theirs: "对方的",
        both: "双方都更改了",
        onlyMine: "仅您更改了",
        onlyTheirs: "仅对方更改了",
        allMine: "全部用您的",
        allTheirs: "全部用对方的",
        left: (n: number) => `还有 ${figure(n)} 处差异需要决定。`,
        decided: "所有差异均已决定。",
        save: "保存所选内容",
        whole: "整个对象",
        there: "保留",
        gone: "已删除",
        same: "已没有差异：你们输入的内容相同。",
    },
    jobs: {
        title: "进行中的工作",
        running: (n: number) => `${figure(n)} 个作业正在运行`,
        kinds: {
            users_import: "导入用户",
        },
        states: { running: "正在运行", done: "已完成", failed: "失败", cancelled: "已取消" },
        progress: (done: string, total: string) => `${done}/${total}`,
        soFar: (done: string) => `已处理 ${done}`,
        starting: "正在开始…",
        cancel: "取消",
        cancelOne: (name: string) => `取消：${name}`,
        cancelling: "正在取消…",
        dismiss: "清除",
        dismissOne: (name: string) => `清除：${name}`,
        lost: "找不到此作业：网关已重新启动，或者作业早已结束。",
    },
    may: {
        scope: (what: string) => `您的帐户只能更改${what}。`,
        scopeSites: (names: string) => `站点 ${names} 及其用户`,
        scopePartners: (patterns: string) => `合作伙伴 ${patterns}`,
        and: "和",
    },
    kept: {
        title: "您有尚未保存的输入",
        text: (when: string) => `输入时间：${when}。密码和密钥未保留。`,
        restore: "恢复我的输入",
        forget: "放弃",
    },
    live: {
        tryNow: "立即重试",
        triedAgain: "每隔几秒会自动重试。",
        paused: "实时更新已暂停",
        pausedText: "实时更新的连接已中断。此页每隔几秒会重新查询。",
    },
};
