"""The words that made-up companies and people of the demonstration are called by, in three languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Market:
    """A market of the demonstration: how companies and people are called there, and where they are."""

    country: str
    currency: str
    cities: tuple[tuple[str, str, str], ...]
    first: tuple[str, ...]
    second: tuple[str, ...]
    trades: tuple[str, ...]
    forms: tuple[str, ...]
    family: tuple[str, ...]
    given: tuple[str, ...]
    posts: tuple[str, ...]
    dialling: str
    host: str
    gap: str

    def company(self, one: int, other: int, trade: int, form: int) -> str:
        """The name of a company."""
        parts = (self.first[one] + self.second[other], self.trades[trade], self.forms[form])
        return self.gap.join(parts)

    def person(self, family: int, given: int) -> str:
        """The name of a person, in the order of the language."""
        if self.gap:
            return f"{self.given[given]} {self.family[family]}"
        return f"{self.family[family]}{self.given[given]}"


ENGLISH = Market(
    country="United Kingdom",
    currency="USD",
    cities=(
        ("London", "51.5072", "-0.1276"),
        ("Manchester", "53.4808", "-2.2426"),
        ("Boston", "42.3601", "-71.0589"),
        ("Chicago", "41.8781", "-87.6298"),
        ("Toronto", "43.6532", "-79.3832"),
        ("Sydney", "-33.8688", "151.2093"),
    ),
    first=("North", "Silver", "Red", "Green", "Stone", "Bright", "Clear", "Oak", "Lake", "High", "Fair", "East"),
    second=("wood", "field", "bridge", "gate", "ford", "hill", "haven", "mark", "well", "crest", "brook", "port"),
    trades=("Instruments", "Foods", "Software", "Logistics", "Medical", "Systems", "Retail", "Energy", "Printing"),
    forms=("Ltd", "Inc", "Group", "Partners", "& Sons", "Company"),
    family=("Carter", "Hughes", "Bennett", "Morgan", "Foster", "Reid", "Walsh", "Barnes", "Ellis", "Grant", "Price"),
    given=("Amelia", "Oliver", "Grace", "Henry", "Ruth", "James", "Nora", "Peter", "Clara", "Simon", "Ivy", "Hugo"),
    posts=("Purchasing manager", "Chief executive", "Head of operations", "Engineer", "Finance director"),
    dialling="+44 20 7946",
    host="example.com",
    gap=" ",
)
CHINESE = Market(
    country="中国",
    currency="CNY",
    cities=(
        ("上海", "31.2304", "121.4737"),
        ("北京", "39.9042", "116.4074"),
        ("深圳", "22.5431", "114.0579"),
        ("杭州", "30.2741", "120.1551"),
        ("成都", "30.5728", "104.0668"),
        ("武汉", "30.5928", "114.3055"),
    ),
    first=("华", "明", "新", "东", "盛", "恒", "瑞", "金", "中", "海", "天", "安"),
    second=("泰", "达", "源", "信", "丰", "通", "联", "科", "康", "远", "宇", "和"),
    trades=("科技", "贸易", "医疗器械", "物流", "食品", "电子", "软件", "机械", "能源"),
    forms=("有限公司", "股份有限公司", "集团", "实业有限公司", "发展有限公司", "公司"),
    family=("王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙"),
    given=("伟", "小明", "丽", "建国", "静", "志强", "芳", "晓东", "敏", "海燕", "磊", "雪梅"),
    posts=("采购经理", "总经理", "运营总监", "工程师", "财务总监"),
    dialling="+86 21 5550",
    host="example.cn",
    gap="",
)
KOREAN = Market(
    country="대한민국",
    currency="KRW",
    cities=(
        ("서울", "37.5665", "126.9780"),
        ("부산", "35.1796", "129.0756"),
        ("인천", "37.4563", "126.7052"),
        ("대전", "36.3504", "127.3845"),
        ("광주", "35.1595", "126.8526"),
        ("수원", "37.2636", "127.0286"),
    ),
    first=("한", "대", "동", "신", "성", "우", "미", "태", "경", "현", "세", "금"),
    second=("국", "양", "성", "진", "원", "일", "광", "림", "화", "강", "명", "호"),
    trades=("전자", "물산", "식품", "기계", "소프트웨어", "의료기", "물류", "건설", "에너지"),
    forms=(" 주식회사", "(주)", "그룹", " 상사", "산업", " 유한회사"),
    family=("김", "이", "박", "최", "정", "강", "조", "윤", "장", "임", "한", "오"),
    given=("민준", "서연", "지훈", "수빈", "현우", "지은", "도윤", "하은", "준서", "유진", "성민", "예진"),
    posts=("구매 팀장", "대표이사", "운영 이사", "엔지니어", "재무 이사"),
    dialling="+82 2 555",
    host="example.kr",
    gap="",
)
PRODUCTS = (
    ("Sensors", "Temperature sensor", "120.00"),
    ("Sensors", "Pressure sensor", "180.00"),
    ("Sensors", "Flow meter", "640.00"),
    ("Sensors", "Gas detector", "890.00"),
    ("Control", "Controller S", "1450.00"),
    ("Control", "Controller M", "2900.00"),
    ("Control", "Controller L", "6200.00"),
    ("Control", "Operator panel", "980.00"),
    ("Drives", "Servo drive 1 kW", "1120.00"),
    ("Drives", "Servo drive 5 kW", "2480.00"),
    ("Drives", "Gear motor", "760.00"),
    ("Software", "Monitoring, a year", "3600.00"),
    ("Software", "Maintenance planner, a year", "2400.00"),
    ("Services", "Commissioning, a day", "950.00"),
    ("Services", "Training, a day", "1100.00"),
    ("Services", "Calibration", "240.00"),
    ("Spare parts", "Filter set", "48.50"),
    ("Spare parts", "Cable 10 m", "36.00"),
    ("Spare parts", "Mounting kit", "22.75"),
    ("Spare parts", "Battery pack", "64.20"),
)
SUBJECTS = (
    "Asked about delivery times",
    "Sent the quotation",
    "Talked through the requirements",
    "Visited the plant",
    "Agreed on a trial",
    "Wants a better price",
    "Called back, no answer",
    "询问交货期",
    "已发送报价单",
    "拜访客户并演示产品",
    "납기 문의",
    "견적서 발송",
    "현장 방문",
)
