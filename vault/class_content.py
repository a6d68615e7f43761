"""What the six shipped classes ask for and what their templates say, in both languages, as data.

A part is a section of the document: its heading in English and Chinese, further words that people use
for it, whether it must be there, what the template says to whoever fills it, the columns of a table
where one helps, and what of the project fills that table.
"""

from __future__ import annotations

from dataclasses import dataclass

Both = tuple[str, str]
"""The same in English and in Chinese."""


@dataclass(frozen=True)
class Part:
    """A section of a shipped template. `fill` names what of the project fills its table (vault/templates.py)."""

    heading: Both
    guidance: Both
    also: tuple[str, ...] = ()
    columns: tuple[Both, ...] = ()
    fill: str = ""
    required: bool = True


PARTS: dict[str, tuple[Part, ...]] = {
    "requirements": (
        Part(("Purpose and scope", "目的与范围"),
             ("Say what the system is for, who will use it, and what is expressly not part of it.",
              "说明系统的用途、使用者，以及明确不在范围之内的内容。"),
             ("Purpose", "Scope", "Introduction", "目的", "范围", "引言", "项目范围")),
        Part(("Stakeholders", "干系人"),
             ("Say what each of them expects, and who decides when they disagree.",
              "说明各方的期望，以及意见不一时由谁决定。"),
             ("Stakeholders and users", "相关方", "利益相关方", "干系人与用户"),
             (("Name", "姓名"), ("Role", "角色")), "people"),
        Part(("Requirements", "需求"),
             ("State each requirement so that it can be tested, with who asked for it and how urgent it is.",
              "逐条写明可验证的需求，并注明提出人和优先级。"),
             ("Functional requirements", "System requirements", "功能需求", "需求清单", "系统需求"),
             (("Code", "编号"), ("Requirement", "需求"), ("Priority", "优先级"), ("State", "状态")), "requirements"),
        Part(("Quality requirements", "质量要求"),
             ("Name response times, availability, security and usability as figures that can be measured.",
              "以可测量的指标写明响应时间、可用性、安全性和易用性要求。"),
             ("Non-functional requirements", "Quality", "非功能需求", "质量需求", "性能要求")),
        Part(("Constraints and assumptions", "约束与假设"),
             ("Name laws, standards, existing systems and dates that can't be moved, and what is assumed.",
              "列出不可变更的法规、标准、现有系统和日期，以及所作的假设。"),
             ("Constraints", "Assumptions", "约束条件", "约束", "假设与约束")),
        Part(("Acceptance", "验收"),
             ("Say who accepts, by which criteria, and with which evidence.",
              "说明由谁验收、依据哪些标准、以何为证。"),
             ("Acceptance criteria", "验收标准", "验收条件")),
        Part(("Open points", "待定事项"),
             ("List what is not decided yet, with who decides it by when.", "列出尚未决定的事项，以及决定人和期限。"),
             ("Open questions", "遗留问题", "未决事项"),
             (("Point", "事项"), ("Decided by", "决定人"), ("Until", "期限")), required=False),
    ),
    "design": (
        Part(("Purpose and context", "目的与背景"),
             ("Say which requirements this design answers, and what surrounds the system.",
              "说明本设计对应哪些需求，以及系统所处的环境。"),
             ("Purpose", "Context", "Introduction", "目的", "背景", "引言")),
        Part(("Architecture", "总体架构"),
             ("Show the parts of the system and how they work together; a picture helps.",
              "说明系统的组成部分及其协作方式，最好配图。"),
             ("System architecture", "Overview", "架构", "系统架构", "架构设计", "总体设计")),
        Part(("Components", "组件"),
             ("Describe each component: what it is responsible for and what it rests on.",
              "逐一说明各组件的职责和依赖。"),
             ("Modules", "模块", "模块设计", "组件设计"),
             (("Component", "组件"), ("Responsible for", "职责"), ("Rests on", "依赖"))),
        Part(("Interfaces", "接口"),
             ("Describe each interface: who calls whom, in which format, and what happens when it fails.",
              "逐一说明接口的调用方、被调用方、格式以及失败时的处理。"),
             ("Interface design", "APIs", "接口设计", "接口说明"),
             (("Interface", "接口"), ("From and to", "调用双方"), ("Format", "格式"), ("When it fails", "失败处理"))),
        Part(("Data", "数据"),
             ("Say which data are kept where, for how long, and which of them are personal.",
              "说明保存哪些数据、存于何处、保存多久，其中哪些是个人信息。"),
             ("Data model", "Data design", "数据模型", "数据设计", "数据库设计")),
        Part(("Security", "安全"),
             ("Name what has to be protected, against whom, and how the design does it.",
              "说明需要保护什么、防范谁，以及设计如何做到。"),
             ("Security concept", "安全设计", "安全方案")),
        Part(("Decisions", "设计决策"),
             ("For each decision: what was chosen, what else was weighed, and why.",
              "逐项说明选择了什么、考虑过哪些其他方案、理由是什么。"),
             ("Design decisions", "决策", "决策记录"),
             (("Decision", "决策"), ("Weighed against", "其他方案"), ("Why", "理由"))),
    ),
    "test": (
        Part(("Scope of the tests", "测试范围"),
             ("Say what is tested, against which requirements, and what is not tested.",
              "说明测试哪些内容、对应哪些需求，以及不测试哪些内容。"),
             ("Scope", "Test scope", "范围", "测试目的与范围")),
        Part(("Approach", "测试方法"),
             ("Say in which steps it is tested, by whom, and when a test counts as passed.",
              "说明测试步骤、测试人员以及通过标准。"),
             ("Test approach", "Test strategy", "测试策略", "方法")),
        Part(("Test environment", "测试环境"),
             ("Name systems, versions, devices and test data.", "写明系统、版本、设备和测试数据。"),
             ("Environment", "环境", "测试环境与数据")),
        Part(("Test cases", "测试用例"),
             ("Give each case its steps and what is expected.", "写明每个用例的步骤和预期结果。"),
             ("Cases", "用例", "测试项"),
             (("Case", "用例"), ("Requirement", "需求"), ("Steps", "步骤"), ("Expected", "预期结果"))),
        Part(("Results", "测试结果"),
             ("Give the result of each case, with date and tester.", "写明每个用例的结果、日期和测试人员。"),
             ("Test results", "结果"),
             (("Case", "用例"), ("Result", "结果"), ("Date", "日期"), ("Tester", "测试人员"))),
        Part(("Defects", "缺陷"),
             ("List what was found, how severe it is, and what becomes of it.", "列出发现的问题、严重程度和处理情况。"),
             ("Deviations", "Issues", "问题清单", "缺陷清单", "偏差"),
             (("Defect", "缺陷"), ("Severity", "严重程度"), ("What becomes of it", "处理情况"))),
        Part(("Conclusion", "结论"),
             ("Say whether it can be released, and under which conditions.", "说明是否可以发布，以及附带条件。"),
             ("Recommendation", "Release recommendation", "测试结论", "发布建议")),
    ),
    "plan": (
        Part(("Goals", "目标"),
             ("Say what will be different when the project is done, and how that is measured.",
              "说明项目完成后有何改变，以及如何衡量。"),
             ("Objectives", "Project goals", "项目目标")),
        Part(("Milestones", "里程碑"),
             ("Give each milestone its date and what has to be there by then.", "写明每个里程碑的日期和届时应完成的内容。"),
             ("Schedule", "Timeline", "进度计划", "时间计划"),
             (("Milestone", "里程碑"), ("Date", "日期"), ("What is there by then", "完成内容"))),
        Part(("Work packages", "工作包"),
             ("Describe each package: result, effort in hours, who does it.", "说明每个工作包的成果、工时和负责人。"),
             ("Work breakdown", "Tasks", "工作分解", "任务"),
             (("Package", "工作包"), ("Result", "成果"), ("Hours", "工时"), ("Who", "负责人"))),
        Part(("People and roles", "人员与职责"),
             ("Say what each is responsible for, and who stands in for whom.", "说明各人的职责以及由谁代理。"),
             ("Team", "Organisation", "Roles", "团队", "项目组织", "组织与职责"),
             (("Name", "姓名"), ("Role", "角色")), "people"),
        Part(("Effort and budget", "工作量与预算"),
             ("Give hours and money by phase, with what they rest on.", "按阶段写明工时和费用，以及估算依据。"),
             ("Budget", "Costs", "Effort", "预算", "费用", "成本")),
        Part(("Risks", "风险"),
             ("Name the risks, how likely and how grave they are, and what is done about them.",
              "列出风险、可能性、影响程度和应对措施。"),
             ("Risk register", "风险清单", "风险与应对"),
             (("Risk", "风险"), ("Likelihood", "可能性"), ("Impact", "影响"), ("What is done", "应对措施"))),
        Part(("Communication", "沟通"),
             ("Say who hears what, how often, and on which way.", "说明向谁通报什么内容、频率和方式。"),
             ("Communication plan", "沟通计划", "沟通管理")),
    ),
    "progress": (
        Part(("Reporting period", "报告期"),
             ("Give the first and the last day this report speaks of.", "写明本报告所涵盖的起止日期。"),
             ("Period", "报告周期", "期间")),
        Part(("Summary", "概要"),
             ("Say in three sentences where the project stands: time, money, quality.",
              "用三句话说明项目在进度、费用和质量方面的状况。"),
             ("Overview", "Status", "概述", "总体情况", "总体状况")),
        Part(("Done in this period", "本期完成"),
             ("List what was finished, with the requirement it belongs to.", "列出已完成的内容及其对应的需求。"),
             ("Achievements", "Completed", "本期完成情况", "已完成工作")),
        Part(("Next steps", "下一步工作"),
             ("List what comes next, with who does it until when.", "列出后续工作、负责人和期限。"),
             ("Outlook", "Next period", "下期计划", "后续计划", "下一步计划"),
             (("Step", "工作"), ("Who", "负责人"), ("Until", "期限"))),
        Part(("Risks and problems", "风险与问题"),
             ("Say what endangers the goals, and what is done about it.", "说明危及目标的情况以及应对措施。"),
             ("Risks", "Problems", "Issues", "风险", "问题"),
             (("Risk or problem", "风险或问题"), ("Impact", "影响"), ("What is done", "应对措施"))),
        Part(("Decisions needed", "待决策事项"),
             ("Name what the client or the management has to decide, and until when.",
              "写明需要客户或管理层决定的事项和期限。"),
             ("Decisions", "需决策事项", "决策事项")),
    ),
    "summary": (
        Part(("Management summary", "管理摘要"),
             ("Tell in ten lines what was done, for whom, and what came of it.",
              "用十行以内的文字说明为谁做了什么、成果如何。"),
             ("Executive summary", "Summary", "摘要", "概要")),
        Part(("Goals and results", "目标与成果"),
             ("Set what was reached against what was agreed, goal by goal.", "逐项对照约定的目标与取得的成果。"),
             ("Results", "成果", "目标达成情况"),
             (("Goal", "目标"), ("Result", "成果"))),
        Part(("Deliverables", "交付物"),
             ("List what was handed over, to whom and when.", "列出已交付的内容、接收人和日期。"),
             ("Delivered", "交付成果", "交付清单"),
             (("Deliverable", "交付物"), ("Handed to", "接收人"), ("Date", "日期"))),
        Part(("Time and cost", "进度与费用"),
             ("Compare plan and outcome in days and money, and say why they differ.",
              "对比计划与实际的工期和费用，并说明差异原因。"),
             ("Costs", "Schedule and cost", "费用", "成本与进度")),
        Part(("Lessons learned", "经验教训"),
             ("Say what went well, what did not, and what you would do otherwise.",
              "说明哪些做得好、哪些做得不好，以及今后如何改进。"),
             ("Lessons", "Retrospective", "经验总结", "项目总结")),
        Part(("Open points and handover", "遗留事项与移交"),
             ("List what remains, who takes it over, and whom to call afterwards.",
              "列出遗留事项、接手人，以及此后的联系人。"),
             ("Handover", "Open points", "移交", "遗留事项", "后续支持")),
    ),
}  # fmt: skip
"""Class -> the parts of its template, in their order."""

TITLES: dict[str, Both] = {
    "requirements": ("Requirements specification", "需求规格说明书"), "design": ("Design description", "设计说明书"),
    "test": ("Test report", "测试报告"), "plan": ("Project plan", "项目计划"),
    "progress": ("Progress report", "进展报告"), "summary": ("Project summary", "项目总结"),
}  # fmt: skip
"""What a document of the class is usually called."""

RETENTION_YEARS = {"requirements": 10, "design": 10, "test": 10, "plan": 5, "progress": 5, "summary": 10}

WORDS: dict[str, Both] = {
    "client": ("Client", "客户"), "project": ("Project", "项目"),
    "class": ("Class", "类别"), "version": ("Version", "版本"), "clearance": ("Clearance", "密级"),
    "author": ("Author", "作者"), "date": ("Date", "日期"), "organisation": ("Organisation", "单位"),
    "contents": ("Contents", "目录"), "page": ("Page {page} of {pages}", "第 {page} 页，共 {pages} 页"),
    "update": ("Word fills this table in: right-click, Update field.", "在 Word 中右键单击此处，选择“更新域”即可生成目录。"),
    "write": ("Write “{heading}” here.", "请在此撰写“{heading}”。"),
}  # fmt: skip
"""The words around the parts."""


def both(words: Both, language: str) -> str:
    """The words in a language."""
    return words[1] if language == "zh_CN" else words[0]
