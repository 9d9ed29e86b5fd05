"""Read and check ``model.yaml``: everything wrong with it, each with file, line, column and a suggestion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from jianheng.core.foundation.errors import PackProblem, Problem, raise_if_any
from jianheng.core.foundation.identity import hash_text
from jianheng.core.model.expression import ExpressionError, Name, parse, walk
from jianheng.core.model.read_shapes import ShapeChecks, check_events, check_overlaps
from jianheng.core.model.scope import Scope, columns_of, type_of
from jianheng.core.model.sentence import Place, sentence_parts
from jianheng.core.model.spec import UNITS, Absent, Facts, Guard, Join, Model, Present, Rule
from jianheng.core.model.supervision_model import (
    SupervisionModel,
    aggregate_of,
    candidate_scope,
    equalities,
    facts_alias,
    join_alias,
    table_alias,
)
from jianheng.core.pack.strict_yaml import Document, Key, read_yaml
from jianheng.core.pack.typed import did_you_mean, read_content
from jianheng.core.terms.lexicon import Lexicon

_CLUE_CERTAINTIES = ("V", "P")


def read_model(folder: Path, lexicon: Lexicon) -> SupervisionModel:
    """The model in ``folder``. Raises PackProblem with every fault found; nothing is half-loaded."""
    path = folder / "model.yaml"
    document = read_yaml(path)
    spec = read_content(Model, document)
    model = SupervisionModel(spec, folder, hash_text(path.read_text(encoding="utf-8-sig")), lexicon)
    checker = _Checker(model, document)
    checker.check()
    raise_if_any(PackProblem, checker.problems)
    return model


class _Checker:
    """Walks a model once, in the order an author reads it, collecting problems."""

    def __init__(self, model: SupervisionModel, document: Document) -> None:
        self.model, self.document = model, document
        self.problems: list[Problem] = []
        self._aliases = frozenset((*model.spec.tables, *model.spec.facts, *_given_names(document.data)))
        self._blamed: set[str] = set()

    def check(self) -> None:
        spec = self.model.spec
        for name, table in spec.tables.items():
            if table not in self.model.lexicon.tables:
                hint = did_you_mean(table, self.model.lexicon.tables)
                self._say("M301", ("tables", name), f"没有表 {table}。", hint)
            else:
                self.model.sources[name] = table_alias(name, table, self.model.lexicon)
        for name, param in spec.params.items():
            if param.unit and param.type in UNITS:
                message = f"参数 {name} 的类型是 {param.type}，单位是{UNITS[param.type]}，不能另写 unit。"
                self._say("M313", ("params", name, "unit"), message, "要写单位的，类型用 count。")
        if not self._defines():
            return  # every use would only repeat the fault
        for name, facts in spec.facts.items():
            if name in spec.tables:
                self._say("M304", ("facts", name), f"{name} 已经是表的名字。", "请换一个名字。")
                return
            if not self._guarded(("facts", name), partial(self._facts, name, facts)):
                return  # what follows would only repeat the fault
        seen: set[str] = set()
        for index, rule in enumerate(spec.rules):
            if rule.id in seen:
                self._say("M302", ("rules", index, "id"), f"规则 {rule.id} 出现两次。")
            seen.add(rule.id)
            self._rule(rule, ("rules", index))
        self._continued()

    def _continued(self) -> None:
        """A rule replaces rules that are gone, and nobody replaces one twice: a decision is carried to one place."""
        taken = {rule.id for rule in self.model.spec.rules}
        for index, rule in enumerate(self.model.spec.rules):
            for number, old in enumerate(rule.continues):
                if old in taken:
                    message = f"规则 {old} 还在，或者已有规则接替。"
                    place: Key = ("rules", index, "continues", number)
                    self._say("M311", place, message, "continues 只写已经删去的规则，每条只接替一次。")
                taken.add(old)

    def _defines(self) -> bool:
        """Whether every defined name reads; whether it makes sense shows where it is used."""
        before = len(self.problems)
        for name, text in self.model.spec.define.items():
            if name in self.model.spec.params or name == "as_of":
                self._say("M304", ("define", name), f"{name} 已经是参数的名字。", "请换一个名字。")
            try:
                parse(text)
            except ExpressionError as error:
                self._fault(error, ("define", name))
        return len(self.problems) == before

    def _facts(self, name: str, facts: Facts) -> None:
        place: Key = ("facts", name)
        before = len(self.problems)
        if not self._known(facts.from_, (*place, "from")):
            raise _Stop
        scope = self.model.base_scope().adding(self.model.alias(facts.from_))
        scope = self._joins(facts.join, scope, place)
        if sum(form is not None for form in (facts.group, facts.pick, facts.events)) != 1:
            self._say("M210", place, f"facts「{name}」要有 group、pick、events 三者之一。")
            raise _Stop
        checks = ShapeChecks(self.model, self._typed, self._on, self._known, self._say)
        scope = check_overlaps(checks, facts, scope, place)
        for index, condition in enumerate(facts.where):
            self._typed(condition.when, scope, (*place, "where", index, "when"), "boolean")
        if facts.events:
            check_events(checks, facts, scope, place)
        if facts.group:
            for column, aggregate in facts.group.columns.items():
                inner: Key = (*place, "group", "columns", column)
                try:
                    kind, text = aggregate_of(aggregate)
                except ExpressionError as error:
                    self._fault(error, inner)
                    continue
                wanted = {"count": "boolean", "sum": "number"}.get(kind)
                self._typed(text, scope, (*inner, kind), wanted)
                self._typed(aggregate.when, scope, (*inner, "when"), "boolean")
        if facts.pick:
            self._pick(facts, scope, place)
        shape = type(facts.form).__name__.lower()
        for key, text in facts.form.by.items():
            self._typed(text, scope, (*place, shape, "by", key), None)
        if not facts.form.by:
            self._say("M210", place, "by 不能为空。")
        if len(self.problems) > before:
            raise _Stop  # its columns cannot be told, and what uses them would only repeat the fault
        self.model.sources[name] = facts_alias(name, facts, self.model)

    def _pick(self, facts: Facts, scope: Scope, place: Key) -> None:
        assert facts.pick is not None
        if self.model.alias(facts.from_).is_facts:
            self._say("M210", (*place, "from"), "pick 的 from 要是 tables 里的表。")
        if not facts.pick.candidates:
            self._say("M210", (*place, "pick", "candidates"), "candidates 不能为空。")
        wanted = set(facts.pick.candidates[0].columns) if facts.pick.candidates else set()
        for index, candidate in enumerate(facts.pick.candidates):
            inner: Key = (*place, "pick", "candidates", index)
            if set(candidate.columns) != wanted:
                self._say("M210", inner, "各候选的 columns 要同名。")
            if candidate.table:
                if not self._known(candidate.table, (*inner, "table")):
                    continue
                if candidate.match is None:
                    self._say("M210", inner, "有 table 的候选要写 match。")
                    continue
                if (candidate.as_ or candidate.table) in scope.aliases:
                    message = f"{candidate.as_ or candidate.table} 已经用过。"
                    self._say("M304", (*inner, "table"), message, "请用 as: 另起一个名字。")
                    continue
                self._on(candidate.match, candidate.as_ or candidate.table, scope, candidate.table, (*inner, "match"))
            own = candidate_scope(self.model, candidate, scope)
            self._typed(candidate.on, own, (*inner, "on"), "date")
            self._typed(candidate.when, own, (*inner, "when"), "boolean")
            for column, text in candidate.columns.items():
                self._typed(text, own, (*inner, "columns", column), None)

    def _rule(self, rule: Rule, place: Key) -> None:
        if not self._known(rule.from_, (*place, "from")):
            return
        if self.model.alias(rule.from_).is_facts:
            self._say("M303", (*place, "from"), "规则的 from 要是 tables 里的表，facts 请用 join。")
            return
        scope = self.model.base_scope().adding(self.model.alias(rule.from_))
        scope = self._joins(rule.join, scope, place)
        ids: set[str] = set()
        for index, condition in enumerate(rule.where):
            self._typed(condition.when, scope, (*place, "where", index, "when"), "boolean")
            self._unique(condition.id, ids, (*place, "where", index, "id"))
        for kind in ("absent", "present", "unless"):
            quantifiers: list[Absent | Present | Guard] = getattr(rule, kind)
            for index, quantifier in enumerate(quantifiers):
                self._unique(quantifier.id, ids, (*place, kind, index, "id"))
                self._quantifier(quantifier, scope, (*place, kind, index))
        self._typed(rule.judged_on, scope, (*place, "judged_on"), "date")
        self._typed(rule.against, scope, (*place, "against"), "text")
        for name in ("subject", "episode"):
            for index, text in enumerate(getattr(rule, name)):
                self._typed(text, scope, (*place, name, index), None)
                if name == "subject" and not text.startswith(f"{rule.from_}."):
                    self._say("M303", (*place, name, index), f"subject 只能取 from 表（{rule.from_}）的列。")
        if not rule.subject:
            self._say("M303", (*place, "subject"), "subject 不能为空：线索要有监督的对象。")
        if rule.amount:
            self._typed(rule.amount, scope, (*place, "amount"), "number")
        self._sentence(rule, scope, place)
        self._standing(rule, place)

    def _joins(self, joins: list[Join], scope: Scope, place: Key) -> Scope:
        for index, join in enumerate(joins):
            inner: Key = (*place, "join", index)
            if not self._known(join.table, (*inner, "table")):
                continue
            alias = self.model.alias(join.table, join.as_)
            if join.expect and (alias.is_facts or place[0] != "rules"):
                message = "expect 只能写在规则对照表的 join 中。"
                self._say("M312", (*inner, "expect"), message, "facts 每个键本来只有一行。")
            if alias.name in scope.aliases:
                self._say("M304", (*inner, "table"), f"{alias.name} 已经用过。", "请用 as: 另起一个名字。")
            scope = self._on(join.on, join_alias(join), scope, join.table, (*inner, "on"))
        return scope

    def _quantifier(self, part: Absent | Present | Guard, scope: Scope, place: Key) -> None:
        if part.table is None:
            self._typed(part.when, scope, (*place, "when"), "boolean")
            return
        if not self._known(part.table, (*place, "table")):
            return
        if part.on is None:
            self._say("M305", place, "有 table 就要写 on。")
            return
        if (part.as_ or part.table) in scope.aliases:
            self._say("M304", (*place, "table"), f"{part.as_ or part.table} 已经用过。", "请用 as: 另起一个名字。")
            return
        inner = self._on(part.on, part.as_ or part.table, scope, part.table, (*place, "on"))
        self._typed(part.when, inner, (*place, "when"), "boolean")
        if isinstance(part, Absent) and part.covering is not None:
            self._typed(part.covering, scope, (*place, "covering"), "date")

    def _on(self, text: str, name: str, scope: Scope, source: str, place: Key) -> Scope:
        """Check an ``on``; the scope with the partner in it."""
        scope = scope.adding(self.model.alias(source, name))
        try:
            for left, right in equalities(text, name):
                if type_of(left, scope) != type_of(right, scope):
                    raise ExpressionError("M204", left.at, "on 两边的类型不同。")
        except ExpressionError as error:
            self._fault(error, place)
        return scope

    def _sentence(self, rule: Rule, scope: Scope, place: Key) -> None:
        inner: Key = (*place, "say")
        for part in sentence_parts(rule.say, rule, self.model.spec):
            if not isinstance(part, Place):
                continue
            if part.kind == "unknown":
                known = [condition.id for condition in rule.where]
                known += [*self.model.spec.define, *self.model.spec.params, "as_of", "amount"]
                self._say("M306", inner, f"say 里的 {{{part.name}}} 不知所指。", did_you_mean(part.name, known))
            elif part.expression:
                self._typed(part.expression, scope, inner, None)
            elif part.kind == "supplier" and part.name not in self.model.spec.tables:
                hint = did_you_mean(part.name, self.model.spec.tables)
                self._say("M306", inner, f"say 里的 {{{part.name}.supplier}}：没有表 {part.name}。", hint)
            elif part.kind == "amount" and not rule.amount:
                self._say("M306", inner, "say 用了 {amount}，规则没有 amount。")

    def _standing(self, rule: Rule, place: Key) -> None:
        """Which kind a rule may be, by how sure we are of its law: an accusation rests on a checked article."""
        if rule.kind == "clue" and rule.certainty not in _CLUE_CERTAINTIES:
            message = f"确定程度为 {rule.certainty} 的规则不能作线索。"
            self._say("M307", (*place, "kind"), message, "只有依据为 V 或 P 的条文才可作线索；其余请用 hint。")
        elif rule.kind == "clue" and not rule.basis:
            hint = "请在 basis 写明条文；没有条文的请用 hint。"
            self._say("M307", (*place, "kind"), "没有写法律依据的规则不能作线索。", hint)
        for index, basis in enumerate(rule.basis):
            if basis.to and basis.to < basis.from_:
                self._say("M308", (*place, "basis", index), "依据的失效日早于生效日。")

    def _unique(self, name: str, seen: set[str], place: Key) -> None:
        if name in seen:
            self._say("M302", place, f"条件 {name} 出现两次。")
        seen.add(name)

    def _known(self, name: str, place: Key) -> bool:
        if name in self.model.sources:
            return True
        hint = did_you_mean(name, self.model.sources) or "facts 只能用写在它前面的。"
        self._say("M202", place, f"没有名为 {name} 的表或 facts。", hint)
        return False

    def _typed(self, text: str, scope: Scope, place: Key, wanted: str | None) -> None:
        try:
            node = scope.expand(parse(text))
            found = type_of(node, scope)
        except ExpressionError as error:
            if not self._faulty_define(text, scope):
                self._fault(error, place)
            return
        if wanted == "number" and found in ("money", "integer"):
            return
        if wanted and found != wanted:
            title = {"boolean": "真假", "date": "日期", "text": "文字", "number": "数"}[wanted]
            self._say("M204", place, f"此处的结果应是{title}。")

    def _faulty_define(self, text: str, scope: Scope) -> bool:
        """Whether a defined name in ``text`` is itself at fault; that is said where it is defined, once.

        A table that is missing here and stands at other places is the fault of the place.
        """
        try:
            names = [node.name for node in walk(parse(text)) if isinstance(node, Name)]
        except ExpressionError:
            return False
        return any(self._at_fault(name, scope) for name in names if name in self.model.spec.define)

    def _at_fault(self, name: str, scope: Scope) -> bool:
        text = self.model.spec.define[name]
        if name in self._blamed:
            return True
        try:
            tree = scope.expand(parse(text))
            if {column.alias for column in columns_of(tree)} - scope.aliases.keys() & self._aliases:
                return False
            type_of(tree, scope)
        except ExpressionError as error:
            self._blamed.add(name)
            if error.code == "M208" or not self._faulty_define(text, scope):
                self._fault(error, ("define", name))
            return True
        return False

    def _guarded(self, place: Key, work: Callable[[], None]) -> bool:
        try:
            work()
        except _Stop:
            return False
        except ExpressionError as error:
            if not self.problems:
                self._fault(error, place)
            return False
        return True

    def _fault(self, error: ExpressionError, place: Key) -> None:
        line, column = self.document.inside(place, error.offset)
        file = self.document.file
        self.problems.append(Problem(error.code, error.message, file=file, line=line, column=column, hint=error.hint))

    def _say(self, code: str, place: Key, message: str, hint: str = "") -> None:
        self.problems.append(self.document.problem(code, place, message, hint))


def _given_names(data: object) -> Iterator[str]:
    """Every name that a model gives a table with ``as``."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "as" and isinstance(value, str):
                yield value
            yield from _given_names(value)
    elif isinstance(data, list):
        for value in data:
            yield from _given_names(value)


class _Stop(Exception):
    """Nothing sensible can be said about what follows."""


def find_models(folders: list[Path]) -> Iterator[Path]:
    """The folders among ``folders`` that hold a ``model.yaml``."""
    return (folder for folder in folders if (folder / "model.yaml").is_file())
