"""One clue of an earlier run against the files of today: the same, different and where, or impossible to say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from jianheng.core.catalogue.snapshot import Snapshot
from jianheng.core.fields.masking import mask_text
from jianheng.core.fields.name_masking import mask_names, mask_person_name
from jianheng.core.model.reads import reads_of
from jianheng.core.model.supervision_model import SupervisionModel
from jianheng.core.screening.cited_rows import CitedRows, Place
from jianheng.core.screening.protection import bits_of, flags_of

State = Literal["same", "different", "cannot"]
Clue = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CellChange:
    """One cited cell that no longer says what it said (masked). ``address`` is where the clue cites it."""

    file: str
    sheet: str
    address: str
    title: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class ClueCheck:
    """What became of one clue. ``because_of``: recorded names of the changed files that it differs by.

    ``flags``: of minors and sealed records, then or now; the names they hide are masked in ``subject`` and ``changes``.
    """

    clue_id: str
    model: str
    rule: str
    rule_title: str
    subject: dict[str, str]
    state: State
    message: str
    changes: tuple[CellChange, ...] = ()
    because_of: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(slots=True)
class FilesToday:
    """The files of a run record looked up among those of today: by bytes, else by name, else by the tables in them."""

    recorded: Sequence[Mapping[str, Any]]
    snapshot: Snapshot
    _strangers: list[int] = field(init=False)

    def __post_init__(self) -> None:
        hashes = {file["hash"] for file in self.recorded}
        names = {Path(file["name"]).name for file in self.recorded}
        self._strangers = [
            file.number for file in self.snapshot.files if file.hash not in hashes and Path(file.name).name not in names
        ]

    def unchanged(self, digest: str) -> bool:
        """Whether a file with these bytes is there, whatever it is called."""
        return any(file.hash == digest for file in self.snapshot.files)

    def candidates(self, name: str, digest: str, tables: Sequence[str]) -> list[int]:
        """The numbers of the files that a recorded file may be today; none if it is gone."""
        files = self.snapshot.files
        same = [file.number for file in files if file.hash == digest]
        exact = [file.number for file in files if file.name == name]
        named = [file.number for file in files if Path(file.name).name == Path(name).name]
        return same or exact or named or [number for number in self._strangers if self._holds(number, tables)]

    def altered(self) -> list[Mapping[str, Any]]:
        """The recorded files that are there with other bytes."""
        return [
            file
            for file in self.recorded
            if not self.unchanged(file["hash"]) and self.candidates(file["name"], file["hash"], file["tables"])
        ]

    def missing(self, tables: set[str]) -> list[str]:
        """Names of recorded files that held one of ``tables`` and are not there any more."""
        return [
            file["name"]
            for file in self.recorded
            if tables & set(file["tables"]) and not self.candidates(file["name"], file["hash"], file["tables"])
        ]

    def added(self, tables: set[str]) -> list[str]:
        """Names of files of today that the record does not know and that hold one of ``tables``."""
        stood_in = {
            number
            for file in self.recorded
            if not self.unchanged(file["hash"])
            for number in self.candidates(file["name"], file["hash"], file["tables"])
        }
        return [
            file.name
            for file in self.snapshot.files
            if file.number in self._strangers
            and file.number not in stood_in
            and self._holds(file.number, sorted(tables))
        ]

    def _holds(self, number: int, tables: Sequence[str]) -> bool:
        return any(sheet.file == number and sheet.table in tables for sheet in self.snapshot.sheets)


@dataclass(slots=True)
class Comparison:
    """Checks clues against ``now``, the clues that the files of today give, by id."""

    files: FilesToday
    rows: CitedRows
    now: Mapping[str, Clue]
    unable: Mapping[str, str]
    models: Mapping[str, SupervisionModel]
    _tables: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def check(self, clue: Clue) -> ClueCheck:
        """What became of ``clue``."""
        now = self.now.get(clue["clue_id"], {})
        flags = flags_of(bits_of(clue["flags"]) | bits_of(now.get("flags", ())))
        names = clue["names_masked"] | now.get("names_masked", {})
        return _hidden(replace(self._compared(clue), flags=flags), names)

    def _compared(self, clue: Clue) -> ClueCheck:
        if unable := self.unable.get(clue["model"]):
            return _check(clue, "cannot", unable)
        tables = self._leans_on(clue)
        if missing := self.files.missing(tables):
            return _check(clue, "cannot", f"没有找到原始文件：{'、'.join(missing)}")
        now = self.now.get(clue["clue_id"])
        changes: list[CellChange] = []
        moved: list[str] = []
        for row in clue["evidence"]:
            changes += self._compare(row, now, moved)
        if changes:
            still = "线索仍成立" if now else "线索不再成立"
            if now and now["facts_hash"] == clue["facts_hash"]:
                still = "读出的值未变，线索仍成立"
            files = tuple(sorted({change.file for change in changes}))
            return _check(clue, "different", f"引用的单元格有变动，{still}", tuple(changes), files)
        if now is None or now["facts_hash"] != clue["facts_hash"]:
            return self._uncited(clue, now, tables)
        where = f"；所引记录的位置有变：{'、'.join(moved)}" if moved else ""
        return _check(clue, "same", f"与原始文件一致{where}")

    def changed_without_effect(self, checks: Sequence[ClueCheck]) -> tuple[str, ...]:
        """Recorded names of files that are there with other bytes although no clue differs because of them."""
        blamed = {name for check in checks for name in check.because_of}
        return tuple(sorted(file["name"] for file in self.files.altered() if file["name"] not in blamed))

    def _uncited(self, clue: Clue, now: Clue | None, tables: set[str]) -> ClueCheck:
        """Every cited cell is as it was, and yet the clue is not: other rows came or went."""
        altered = [file["name"] for file in self.files.altered() if tables & set(file["tables"])]
        added = self.files.added(tables)
        said = "事实有变：作为依据的记录有增减" if now else "不再成立：现有数据下该对象已不属于疑似问题"
        if altered:
            said += f"；内容有变动的文件：{'、'.join(altered)}"
        if added:
            said += f"；当时没有的文件：{'、'.join(added)}"
        return _check(clue, "different", said, because_of=tuple(altered))

    def _compare(self, row: Mapping[str, Any], now: Clue | None, moved: list[str]) -> Iterator[CellChange]:
        """The changed cells of one cited row; where it went is added to ``moved``."""
        if self.files.unchanged(row["hash"]):
            return
        wanted = _texts(row)
        stands = [one for one in now["evidence"] if one["table"] == row["table"]] if now else []
        again = [one for one in stands if _texts(one) == wanted]
        if again:
            if row["row"] not in [one["row"] for one in again]:
                moved.append(_went(row, again[0]["row"]))
            return
        numbers = self.files.candidates(row["file"], row["hash"], [row["table"]])
        found = self.rows.find(row["table"], numbers, Place(row["sheet"], row["row"]), wanted)
        if found is None:
            yield CellChange(row["file"], row["sheet"], f"第{row['row']}行", "整行", "", "（已不在文件中）")
            return
        place, texts = found
        if place.row != row["row"]:
            moved.append(_went(row, place.row))
        for name, old in wanted.items():
            new = texts.get(name) or ""
            if new != old:
                cell = row["cells"][name]
                where = (row["file"], row["sheet"], cell["address"] or f"第{row['row']}条", cell["title"])
                yield CellChange(*where, mask_text(old), mask_text(new))

    def _leans_on(self, clue: Clue) -> set[str]:
        """Every table that the clue's rule reads, and those that linking its rows needed."""
        key = (clue["model"], clue["rule"])
        if key not in self._tables:
            model = self.models[clue["model"]]
            reads = reads_of(model, model.rule(clue["rule"]))
            read = {*reads.judged, *reads.shown}
            terms = [model.lexicon.tables[name] for name in read]
            self._tables[key] = read | {term.same_number.table for term in terms if term.same_number}
        return self._tables[key]


def _hidden(check: ClueCheck, names: Mapping[str, str]) -> ClueCheck:
    """``check`` without the names that people are not shown."""
    if not names:
        return check
    subject = {key: mask_names(value, names) for key, value in check.subject.items()}
    changes = tuple(replace(one, old=mask_names(one.old, names), new=_new_name(one, names)) for one in check.changes)
    return replace(check, subject=subject, changes=changes)


def _new_name(change: CellChange, names: Mapping[str, str]) -> str:
    """What stands in the cell now; where a hidden name stood, any other name there is hidden as well."""
    if change.old in names and change.new and change.new not in names:
        return mask_person_name(change.new)
    return mask_names(change.new, names)


def _texts(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: cell["raw"] or "" for name, cell in row["cells"].items()}


def _went(row: Mapping[str, Any], to: int) -> str:
    sheet = f" › {row['sheet']}" if row["sheet"] else ""
    return f"{row['file']}{sheet} 第{row['row']}行→第{to}行"


def _check(
    clue: Clue,
    state: State,
    message: str,
    changes: tuple[CellChange, ...] = (),
    because_of: tuple[str, ...] = (),
) -> ClueCheck:
    title = clue["rule_title"]
    return ClueCheck(
        clue["clue_id"], clue["model"], clue["rule"], title, clue["subject"], state, message, changes, because_of
    )
