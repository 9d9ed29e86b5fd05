"""The ids of reasons in words that a prosecutor reads."""

from __future__ import annotations

from jianheng.core.model.spec import Rule
from jianheng.core.model.supervision_model import SupervisionModel


def reason_text(reason: str, model: SupervisionModel, rule: Rule) -> str:
    """Why a subject is cannot tell (semantics 22), in Chinese."""
    kind, _, name = reason.partition(":")
    source = next((join.table for join in rule.join if join.as_ == name), name)
    title = model.sources[source].title if source in model.sources else name
    fixed = {
        "no_partner": f"没有找到对应的{title}记录",
        "table_missing": f"未提供{title}",
        "outside_coverage": f"{title}的数据未完整覆盖应查期间",
        "key_missing": "缺少用于比对的文书号、身份证号等",
        "law_not_loaded": "判断日期不明，或者当时有效的规定未收入本模型",
        "orphans": "无法归属到人的记录过多，不能据以认定「没有」",
    }
    if kind in fixed:
        return fixed[kind]
    if kind == "guard":
        guard = next((guard for guard in rule.unless if guard.id == name), None)
        return f"不能确定有无正当情形：{guard.say or guard.id}" if guard else f"不能确定：{name}"
    condition = next((condition for condition in rule.where if condition.id == reason), None)
    if condition is not None:
        return f"「{(condition.say or condition.id).replace('{value}', '…')}」所需内容缺失或未能读取"
    part = next((part for part in (*rule.absent, *rule.present) if part.id == reason), None)
    return f"「{part.say or part.id}」不能确定：有关记录缺失、未能读取或未能关联" if part else reason
