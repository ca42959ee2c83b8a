// 整个配置以及其他产品导出文件的导入和导出。
import type { imports as english } from "../en/imports";
import { figures } from "../plural";

const figure = figures("zh-CN");

export const imports: typeof english = {
    imports: {
        title: "导入和导出",
        lead: "导入的内容全部进入您的草稿。提交后才会影响实际流量。",
        own: "fedgate 文档",
        lync: "Lync 或 Skype for Business",
        tabs: "导入内容",
        choose: "选择文件…",
        chooseMany: "选择文件…",
        drop: "或拖放到此处",
        dropMany: "或拖放到此处",
        ownTitle: "导入配置",
        ownText: "导出功能生成的一个 JSON 文档。",
        mode: "如何处理现有内容",
        modes: { merge: "合并", replace: "替换" },
        modeHelp: {
            merge: "文档中的内容会被添加或更改。其余保持不变。",
            replace: "之后草稿与文档一致。文档所含类别中未列出的对象将被删除。",
        },
        lyncTitle: "导入其他产品的导出文件",
        lyncText: "命令行管理程序写出的合作伙伴、策略、用户和网关设置：CSV、JSON 或 CLIXML。请一次选择所有文件；文件依次读取，策略先于使用策略的用户。",
        partners: "合作伙伴导入为",
        partnersHelp: {
            suspended: "仍由旧网关服务；迁移时在此逐个激活。",
            active: "提交后即可在此收发消息。旧网关已关闭时选择此项。",
        },
        commands: "导出命令",
        commandLines:
            "Get-CsXmppAllowedPartner | Export-Clixml partners-cs.xml\nGet-CsExternalAccessPolicy | Export-Clixml policies-cs.xml\nGet-CsUser | Select-Object SipAddress, DisplayName, ExternalAccessPolicy | Export-Csv users-cs.csv -Encoding UTF8\nGet-CsXmppGatewayConfiguration | Export-Clixml gateway-cs.xml",
        migration: "迁移顺序",
        migrationText: [
            "导入，查看结果说明，并在此处联盟仍关闭时提交。",
            "让两个网关并存：在此处暂停的合作伙伴仍由旧网关服务。",
            "逐个迁移合作伙伴：先在此处激活，再将其 SRV 记录指向此网关。",
            "旧网关不再服务任何合作伙伴时，将其关闭。",
        ],
        run: "导入到草稿",
        again: "继续导入",
        failed: "未导入",
        working: "正在读取：",
        result: "已导入到您的草稿",
        staged: (n: number) => `已放入草稿 ${figure(n)} 个对象`,
        unchanged: (n: number) => `${figure(n)} 个对象未变`,
        nothing: "一切如前；草稿没有变化。",
        kinds: "草稿中现有",
        review: "查看草稿",
        findings: "结果说明",
        noFindings: "没有需要说明的内容。",
        finding: (n: number) => `${figure(n)} 条说明`,
        severity: { error: "未采用", warning: "请核对", info: "提示" },
        columns: { severity: "严重性", what: "对象", message: "说明", file: "文件" },
        record: (n: number) => `第 ${figure(n)} 项`,
        filter: "搜索说明",
        exportTitle: "导出",
        exportText: "将已提交的配置导出为一个 JSON 文档，不含密钥和机密。可在此处或其他计算机上导入。",
        exportDo: "下载",
        exportRevision: (n: number) => `修订版 ${figure(n)}，即正在运行的版本。`,
        exportNothing: "尚未提交任何内容。",
    },
};
