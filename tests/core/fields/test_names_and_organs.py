from __future__ import annotations

import pytest

from jianheng.core.fields.division import division_name, is_known_division
from jianheng.core.fields.name_kind import known_surnames, name_kind
from jianheng.core.fields.organ_kind import organ_kind
from jianheng.core.fields.registry import read_field


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("张三", "张三"), ("张 三", "张三"), ("张\u3000三", "张三"), ("欧阳\u00a0小明", "欧阳小明"),
        ("\u200b张三\n", "张三"),
        ("买买提•艾合买提", "买买提·艾合买提"), ("买买提.艾合买提", "买买提·艾合买提"),
        ("买买提 ・ 艾合买提", "买买提·艾合买提"),
        ("买买提．艾合买提", "买买提·艾合买提"), ("买买提●艾合买提", "买买提·艾合买提"),
        ("Ｊｏｈｎ  Smith", "John Smith"),
    ],
)  # fmt: skip
def test_a_name_is_cleaned_without_a_word(text: str, value: str) -> None:
    assert (read_field("person_name", text).value, read_field("person_name", text).notes) == (value, ())


@pytest.mark.parametrize("text", ["张三（曾用名张四）", "张三(曾用名:张四)", "张三，曾用名张四", "张 三（绰号“阿四”）"])
def test_a_former_name_is_taken_off_and_said(text: str) -> None:
    reading = read_field("person_name", text)
    assert reading.value == "张三" and "四" in reading.notes[0]


@pytest.mark.parametrize("text", ["陈某某", "陈某", "陈**", "陈*东"])
def test_a_masked_name_is_said(text: str) -> None:
    assert read_field("person_name", text).notes == ("姓名已脱敏",)


def test_two_names_stay_and_a_number_is_not_a_name() -> None:
    assert read_field("person_name", "张三、李四").value == "张三、李四"
    assert read_field("person_name", "张三、李四").notes
    assert read_field("person_name", "420112199003071235").is_unread
    assert read_field("person_name", "张三420112199003071235").is_unread


def test_a_remark_with_a_personal_number_is_noted_masked() -> None:
    reading = read_field("person_name", "张三（420112199003071235）")
    assert reading.value == "张三" and "4201**********1235" in reading.notes[0]


def test_an_organisation_name_is_cleaned() -> None:
    assert read_field("organ", "武汉市 公安局\n(东西湖区)分局").value == "武汉市公安局（东西湖区）分局"
    assert read_field("organisation_name", "某某 Trade  Ltd 公司").value == "某某Trade Ltd公司"


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("police", "江北区公安分局 武汉市公安局东西湖区分局 江北分局 东湖派出所 刑侦大队"),
        ("police", "海关缉私局 铁路公安处 森林公安局 交警支队 某县看守所"),
        ("police", "公安局国家安全保卫大队 公安县公安局 出入境边防检查站 市交通警察支队 公安局法制大队"),
        ("state_security", "国家安全局 湖北省国家安全厅 国安 国家安全机关"),
        ("coast_guard", "中国海警局 海警分局"),
        ("military_security", "军队保卫部门 某战区保卫处"),
        ("prison", "湖北省沙洋监狱 监狱管理局"),
        ("supervision", "江北区监察委员会 江北区纪委监委"),
        ("procuratorate", "江北区人民检察院 最高人民检察院 公安县人民检察院"),
        ("court", "江北区人民法院 铁路运输法院 人民法院司法警察大队 公安县人民法院 某人民法庭"),
        ("unknown", "人民法院移送后由公安局 市税务局第一分局 财政局"),
        ("unknown", "自然资源局江北分局 社区 检察院驻监狱检察室 公安县财政局"),
    ],
)  # fmt: skip
def test_the_kind_of_an_organ_is_read_from_its_name(kind: str, names: str) -> None:
    assert {name: organ_kind(name) for name in names.split()} == dict.fromkeys(names.split(), kind)
    assert organ_kind("") == "unknown"


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("person", "张三 王小明 欧阳小明 陈李小明 买买提·艾合买提 陈某某 陈某 陈** 司马光"),
        ("organisation", "江北区公安局 取保候审保证金专户 和平饭店"),
        ("organisation", "某某有限公司 东西湖区财政局非税收入专户 江北区人民法院"),
        ("case_money", "涉案款专户 江北区公安局涉案款 案款账户"),
        ("unknown", "张江镇 安徽建工 支付宝 单位 应收款 John 保 - 420112199003071235 不详"),
    ],
)  # fmt: skip
def test_the_kind_of_an_account_holder_is_read_from_the_name(kind: str, names: str) -> None:
    assert {name: name_kind(name) for name in names.split()} == dict.fromkeys(names.split(), kind)


def test_the_surname_list_holds_single_and_compound_surnames() -> None:
    assert {"王", "欧阳", "爱新觉罗", "闫"} <= known_surnames() and len(known_surnames()) > 500


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("420112", "420112"), ("４２０１１２", "420112"), ("420112.0", "420112"), ("湖北省武汉市东西湖区", "420112"),
        ("武汉市东西湖区", "420112"),
        ("湖北武汉东西湖区", "420112"), ("东西湖区", "420112"), ("重庆市江北区", "500105"), ("宁波市江北区", "330205"),
        ("420112东西湖区", "420112"),
        ("武汉市", "420100"), ("湖北省", "420000"), ("北京市朝阳区", "110105"), ("仙桃市", "429004"),
    ],
)  # fmt: skip
def test_a_division_is_read_from_its_code_or_full_name(text: str, code: str) -> None:
    assert (read_field("division", text).value, read_field("division", text).notes) == (code, ())


def test_a_division_that_is_abolished_unknown_or_not_unique_is_said() -> None:
    assert "已撤销" in read_field("division", "420121").notes[0]
    assert read_field("division", "湖北省武昌县").value == "420122"
    for text in ("江北区", "朝阳区", "999999", "某某开发区"):
        reading = read_field("division", text)
        assert reading.value == text and reading.notes
    assert read_field("division", "420112001000").value == "420112"


def test_the_division_table_knows_full_names() -> None:
    assert division_name("420112") == "湖北省武汉市东西湖区"
    assert division_name("110105") == "北京市朝阳区"
    assert division_name("999999") == ""
    assert is_known_division("420121") and not is_known_division("429999")
