"""Districts that do not exist, their organs and the accounts that deposits go to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

_CITY = "示例市"
_MARKS = "江河山湖林泉石云"
_FIRST = "安宁永兴昌盛和平康乐清秀丰嘉瑞福禄祥泰顺长广明德仁义礼智信文"
_LAST = "坪岭溪湾陂埠墩岗浦渡塘冲垸港堤洲畈桥亭台"
#: The court mark of a province is needed for a court number to be one; no court has the code 99.
_COURT = "鄂99"

#: The older account is closed and the newer opened on these days; between them both are in force.
_NEWER_FROM, _OLDER_TO = date(2022, 7, 1), date(2022, 12, 31)
_ACCOUNTS_FROM = date(2005, 1, 1)


@dataclass(frozen=True, slots=True)
class District:
    """One district of the background; ``number`` counts from 0, ``mark`` is its one-character short name."""

    number: int
    mark: str

    @property
    def name(self) -> str:
        return f"{_CITY}{self.mark}北区"

    @property
    def police(self) -> str:
        return f"{_CITY}公安局{self.mark}北分局"

    @property
    def procuratorate(self) -> str:
        return f"{_CITY}{self.mark}北区人民检察院"

    @property
    def court(self) -> str:
        return f"{_CITY}{self.mark}北区人民法院"

    @property
    def court_code(self) -> str:
        return f"{_COURT}{self.number + 10}"

    @property
    def older_account(self) -> str:
        return f"9988{self.number:02d}0000000000117"

    @property
    def sub_prefix(self) -> str:
        """Each payer gets an account of their own behind this prefix of the newer account."""
        return f"9977{self.number:02d}000000"

    @property
    def newer_account(self) -> str:
        return f"9966{self.number:02d}0000000000225"

    @property
    def account_name(self) -> str:
        return f"{self.police}取保候审保证金专户"

    def account_on(self, day: date, payer: int) -> str:
        """An account in force on ``day``: the older one, or the payer's own behind the newer one's prefix."""
        if day < _NEWER_FROM:
            return self.older_account
        return f"{self.sub_prefix}{payer:08d}" if payer % 3 else self.newer_account

    def accounts(self) -> list[dict[str, str]]:
        """The rows of the list of special accounts."""
        common = {"county": self.name, "account_name": self.account_name}
        older = {"bank": "示例银行" + self.mark + "北支行", "account_no": self.older_account}
        newer = {"bank": "演示银行" + self.mark + "北支行", "account_no": self.newer_account}
        return [
            {**common, **older, "valid_from": f"{_ACCOUNTS_FROM}", "valid_to": f"{_OLDER_TO}"},
            {**common, **newer, "sub_prefix": self.sub_prefix, "valid_from": f"{_NEWER_FROM}"},
        ]


DISTRICTS = tuple(District(number, mark) for number, mark in enumerate(_MARKS))

#: A district whose refunds of some months were never handed over.
DISTRICT_WITH_GAP = DISTRICTS[-1]


def refund_gap(as_of: date) -> tuple[date, date]:
    """The two months whose refunds ``DISTRICT_WITH_GAP`` did not hand over."""
    first = (as_of - timedelta(days=420)).replace(day=1)
    return first, (first + timedelta(days=62)).replace(day=1) - timedelta(days=1)


def planted_district(number: int) -> str:
    """The district of a planted case, of its own: what is listed for one case then means nothing for another."""
    rest, first = divmod(number, len(_FIRST))
    round_, last = divmod(rest, len(_LAST))
    city = (_CITY, "演示市", "样例市", "模拟市", "虚拟市", "试验市")[round_ // 2 % 6]
    return city + _FIRST[first] + _LAST[last] + ("区", "县")[round_ % 2]
