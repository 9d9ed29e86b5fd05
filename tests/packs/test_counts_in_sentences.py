"""How often, as a clue's sentence says it: from workbooks to the sentence, for what worked cases cannot state."""

from pathlib import Path

from jianheng.core import api
from tests.story.village import AS_OF, STARTED, Place, Row, Table, records

VENUE, CHILD = "91990000900091016U", "990101200903150112"


def test_minors_before_the_law_are_not_counted_in_what_is_said_of_a_venue(tmp_path: Path) -> None:
    venue: Row = {
        "统一社会信用代码": VENUE,
        "场所名称": "示例市江北区星光歌厅",
        "场所类型": "歌舞娱乐场所",
        "主管部门": "示例市江北区文化和旅游局",
        "所属地区": "示例市江北区",
        "开业日期": "2019-05-10",
        "停业日期": "",
    }
    days = ("2021-05-30", "2021-05-31", "2021-06-01", "2021-06-02")
    child = {"统一社会信用代码": VENUE, "身份证号": CHILD}
    asked = {"是否劝离": "否", "人证是否一致": "是"}
    entries = [child | asked | {"登记编号": f"DJ{day}", "进入日期": day} for day in days]
    staff = [child | {"岗位": "服务员", "入职日期": day, "离职日期": ""} for day in days[1:]]
    tables = {
        "venue": Table("场所.xlsx", "经营场所登记", [venue]),
        "entry": Table("进入.xlsx", "场所进入登记", entries),
        "staff": Table("人员.xlsx", "场所从业人员", staff),
    }
    place = Place(tmp_path, tables).write()
    api.screen(
        place.home,
        ["minors_in_venues"],
        [place.data],
        as_of=AS_OF,
        out=place.out,
        started_at=STARTED,
        progress=api.Silent(),
    )
    said = {clue["rule"]: clue["say"] for clue in records(place.out / "clues.jsonl")}
    assert "未满十八周岁的人员进入2次" in said["minor_admitted"]
    assert "入职时未满十八周岁的有2人次" in said["minor_employed"]
