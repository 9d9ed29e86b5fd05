"""What we say about files and sheets, in one place: code, what is the matter, what to do. Codes are stable.

D101 unreadable · D102 password · D103 empty · D104 not a table file · D105 too large or a bomb · D106 classified ·
D107 the same file twice · D108 macros · D109 wrong extension · D110 encoding · D111 reading broken off ·
D112 sheet that is not a table · D113 hidden sheet · D114 quotes ·
D120 no table recognised · D121 several tables fit · D122 heading twice ·
D123 content without heading · D124 merged money cells · D125 record too long · D126 error values · D127 merged cells
filled · D128 NUL bytes ·
D129 left out on request · D130–D134 mapping.yaml · D135 a table without a row
"""

from __future__ import annotations

from collections.abc import Sequence

from jianheng.core.fields.masking import mask_text
from jianheng.core.foundation.errors import Problem
from jianheng.core.ingest.recognise import Guess

NOT_READ = ("D101", "D102", "D103", "D104", "D105", "D106", "D111")
"""For these a file or a sheet was left out."""

_MOST_SEEN = 120
_SEND_AGAIN = "请核对是否漏了内容；确实没有记录的，请提供单位报送有表头的空表。"
_SAVE_AGAIN = "请用 Excel 或 WPS 打开核对后另存为 .xlsx，或请提供单位重新导出。"


def unreadable(file: str, reason: str, sheet: str = "") -> Problem:
    what = "工作表读不出来" if sheet else "文件读不出来"
    return Problem("D101", f"{what}：{reason}。", file=file, sheet=sheet, hint=_SAVE_AGAIN)


def password(file: str) -> Problem:
    return Problem(
        "D102", "文件有密码，未读取。", file=file, hint="请向提供单位取得密码，打开后去掉密码另存，再重新提交。"
    )


def empty(file: str) -> Problem:
    return Problem("D103", "文件是空的（0 字节或没有任何内容）。", file=file, hint="请提供单位重新导出。")


def not_a_table(file: str, what: str) -> Problem:
    return Problem(
        "D104", f"不是表格文件（{what}），未读取。", file=file, hint="如其中有表格，请另存为 .xlsx 或 .csv。"
    )


def too_large(file: str, reason: str) -> Problem:
    return Problem(
        "D105", f"文件过大或疑似压缩炸弹，未读取：{reason}。", file=file, hint="请核实来源；确需读取的，请拆分后提交。"
    )


def classified(file: str, where: str, mark: str) -> Problem:
    hint = "本系统不处理国家秘密。请立即按保密规定处置该文件，并核对密级标注。"
    return Problem("D106", f"{where}带有密级标志「{mark}」，拒绝读取。", file=file, hint=hint)


def same_file(file: str, other: str) -> Problem:
    return Problem(
        "D107", f"与「{other}」内容完全相同，只读取一次。", file=file, hint="如应是不同的文件，请核对是否误发。"
    )


def macros(file: str) -> Problem:
    return Problem("D108", "文件含宏；只读取数据，宏不会运行。", file=file)


def wrong_extension(file: str, actual: str) -> Problem:
    return Problem("D109", f"扩展名与内容不符，实为 {actual}，已按内容读取。", file=file)


def encoding_faults(file: str, encoding: str, count: int, first: int) -> Problem:
    message = f"按 {encoding} 读取时有 {count} 处字节无法识别（第一处在第 {first} 行附近），已用「\ufffd」代替。"
    return Problem("D110", message, file=file, hint="请提供单位以 UTF-8 重新导出，或核对这些行。")


def broken_off(file: str, reason: str) -> Problem:
    return Problem("D111", f"读取中断：{reason}。", file=file, hint=f"文件可能损坏或被做过手脚。{_SAVE_AGAIN}")


def not_a_worksheet(file: str, sheet: str, kind: str) -> Problem:
    return Problem("D112", f"是{kind}，没有表格数据，已跳过。", file=file, sheet=sheet)


def hidden(file: str, sheet: str) -> Problem:
    return Problem("D113", "是隐藏的工作表，已一并读取。", file=file, sheet=sheet, hint="请核对是否应当使用。")


def open_quote(file: str, record: int) -> Problem:
    message = f"第 {record} 条记录起引号没有配对，后面的内容无法分开。"
    return Problem("D114", message, file=file, cell=f"第{record}条", hint="请补上或去掉多余的引号后重新提交。")


def unknown_table(file: str, sheet: str, nearest: Sequence[Guess], cell: str, seen: str) -> Problem:
    """``seen``: the headings of the nearest table, or the first line there is; it stands at ``cell``."""
    if not nearest:
        message = "没有认出表头，这张表未采用。"
        hint = (
            "应当有一行写明各列的名称。原表没有的，请补上；名称与程序所知不同的，请在 mapping.yaml 中写明它是哪张表、"
            "表头在第几行、各列是什么。"
        )
        return Problem("D120", message, file=file, sheet=sheet, cell=cell, seen=_shortened(seen), hint=hint)
    best = nearest[0]
    missing = "、".join(best.table.titles[name] for name in best.missing)
    message = f"不能确定是哪张表，未采用。最接近「{best.table.names[0]}」，缺少必需的列：{missing or '（列数不足）'}。"
    hint = "请在 mapping.yaml 中写明表名和对应的列。"
    return Problem("D120", message, file=file, sheet=sheet, cell=cell, seen=_shortened(seen), hint=hint)


def no_heading(file: str, sheet: str, cell: str, seen: str) -> Problem:
    message = "只有标题，没有表头和数据，未采用。"
    return Problem("D120", message, file=file, sheet=sheet, cell=cell, seen=_shortened(seen), hint=_SEND_AGAIN)


def no_rows(file: str, sheet: str, title: str) -> Problem:
    message = f"「{title}」只有表头，没有一行数据。"
    hint = "确实没有记录的，请在 coverage.yaml 中写明覆盖期；漏报的，请提供单位补报。"
    return Problem("D135", message, file=file, sheet=sheet, hint=hint)


def _shortened(text: str) -> str:
    masked = mask_text(text)
    return masked if len(masked) <= _MOST_SEEN else f"{masked[:_MOST_SEEN]}…"


def ambiguous_table(file: str, sheet: str, rivals: Sequence[Guess]) -> Problem:
    names = "、".join(f"「{guess.table.names[0]}」" for guess in rivals)
    message = f"表头与 {names} 都相符，不能确定是哪张表，未采用。"
    return Problem(
        "D121", message, file=file, sheet=sheet, hint="请在 mapping.yaml 中写明表名，或在工作表名中写出表名。"
    )


def doubled_heading(file: str, sheet: str, cell: str, title: str, first: str) -> Problem:
    message = f"「{title}」有两列，采用 {first} 列，此列未采用。"
    return Problem("D122", message, file=file, sheet=sheet, cell=cell, hint="如应采用此列，请在 mapping.yaml 中写明。")


def columns_without_heading(file: str, sheet: str, letters: Sequence[str]) -> Problem:
    message = f"第 {'、'.join(letters)} 列有内容而没有表头，原文已保留，未采用。"
    return Problem("D123", message, file=file, sheet=sheet, hint="请核对是否漏写表头或错位。")


def merged_money(file: str, sheet: str, cell: str, count: int) -> Problem:
    message = f"金额列有 {count} 处纵向合并的单元格，金额只计入第一行，其余行视为空白。"
    return Problem("D124", message, file=file, sheet=sheet, cell=cell, hint="请按人（笔）拆开金额后重新提交。")


def overlong_record(file: str, record: int, found: int, expected: int) -> Problem:
    message = f"这条记录有 {found} 项，表头只有 {expected} 项，无法对齐，未采用。"
    return Problem(
        "D125", message, file=file, cell=f"第{record}条", hint="多半是内容里含有分隔符而没有加引号，请改正。"
    )


def error_values(file: str, sheet: str, cell: str, seen: str, count: int) -> Problem:
    message = f"有 {count} 个单元格是公式错误值或者没有计算结果的公式，按「无法读取」处理，不当作空白。"
    hint = "请在原表改正公式，用 Excel 或者 WPS 打开保存一次，或粘贴为数值后重新提交。"
    return Problem("D126", message, file=file, sheet=sheet, cell=cell, seen=seen, hint=hint)


def merged_filled(file: str, sheet: str, cell: str, count: int) -> Problem:
    message = f"有 {count} 处纵向合并的单元格，已按同组填入各行。"
    return Problem(
        "D127", message, file=file, sheet=sheet, cell=cell, hint="如合并单元格不是表示同组，请拆开后重新提交。"
    )


def nul_bytes(file: str, count: int) -> Problem:
    return Problem("D128", f"含有 {count} 个空字节，已去掉。", file=file, hint="请核对导出程序，或重新导出。")


def more_of_the_same(file: str, sheet: str, code: str, count: int) -> Problem:
    return Problem(code, f"同类问题另有 {count} 处，未逐一列出。", file=file, sheet=sheet)


def unused_mapping(file: str) -> Problem:
    return Problem(
        "D133", f"mapping.yaml 提到的文件「{file}」不在本次数据中。", file="mapping.yaml", hint="请核对文件名。"
    )


def left_out_on_request(file: str, sheet: str) -> Problem:
    return Problem("D129", "按 mapping.yaml 的要求未采用。", file=file, sheet=sheet)


def error_values_somewhere(file: str) -> Problem:
    message = "文件含有公式错误值（如 #N/A），无法确定是哪些单元格，未读取。"
    return Problem("D126", message, file=file, hint="请改正公式或粘贴为数值，另存为 .xlsx 后重新提交。")
